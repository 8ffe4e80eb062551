/// What a caller asks to be sent, parsed and typed; nothing of it has been judged yet.
package struct SendRequest: Sendable, Hashable {
    package enum TemplateChoice: Sendable, Hashable {
        case id(Template.ID)
        case name(String, language: String)
    }

    package struct TemplateContent: Sendable, Hashable {
        package var choice: TemplateChoice
        package var variables: VariablesInput
        package var headerMedia: MediaReference?
        package var headerLocation: GeoLocation?

        package init(
            choice: TemplateChoice, variables: VariablesInput, headerMedia: MediaReference? = nil,
            headerLocation: GeoLocation? = nil
        ) {
            self.choice = choice
            self.variables = variables
            self.headerMedia = headerMedia
            self.headerLocation = headerLocation
        }
    }

    package enum Content: Sendable, Hashable {
        case text(String)
        case media(MediaRequest)
        case location(GeoLocation)
        case buttons(ReplyButtons)
        case list(OptionList)
        case template(TemplateContent)

        /// What a window that is shut keeps from being sent.
        package var needsOpenWindow: Bool {
            switch self {
            case .template: false
            case .text, .media, .location, .buttons, .list: true
            }
        }

        /// The words as they were given, before anything was judged.
        package var words: String? {
            switch self {
            case .text(let text): text
            case .media(let media): media.caption
            case .location(let location): location.name ?? location.address
            case .buttons(let buttons): buttons.body
            case .list(let list): list.body
            case .template: nil
            }
        }
    }

    /// The kept files that it names, each to be there and to fit.
    package var storedMedia: [Medium.ID] {
        var references: [MediaReference?] = [fallback?.headerMedia]
        switch content {
        case .media(let media): references.append(media.reference)
        case .template(let template): references.append(template.headerMedia)
        case .text, .location, .buttons, .list: break
        }
        return references.compactMap { reference in
            if case .stored(let id) = reference { return id }
            return nil
        }
    }

    package var content: Content
    package var instanceID: Instance.ID?
    /// The template to send in place of a text when the window is closed.
    package var fallback: TemplateContent?
    package var replyTo: Message.ID?
    package var clientReference: String?
    package var sentBy: String?
    package var sendAt: Timestamp?
    package var validUntil: Timestamp?

    package init(
        content: Content, instanceID: Instance.ID? = nil, fallback: TemplateContent? = nil, replyTo: Message.ID? = nil,
        clientReference: String? = nil, sentBy: String? = nil, sendAt: Timestamp? = nil, validUntil: Timestamp? = nil
    ) {
        self.content = content
        self.instanceID = instanceID
        self.fallback = fallback
        self.replyTo = replyTo
        self.clientReference = clientReference
        self.sentBy = sentBy
        self.sendAt = sendAt
        self.validUntil = validUntil
    }
}
