package import Domain

/// One message on its way to a provider.
package struct OutboundSend: Sendable {
    package var recipient: Recipient
    package var content: OutboundContent
    /// `account.message.attempt`: comes back in every status of this message. Cloud API only, at most 512 characters.
    package var callbackData: String
    package var replyToProviderMessageID: String?
    /// The file that the content names, where it goes with the message. WAHA only.
    package var file: OutboundFile?
    /// The id obtained from `presetMessageID` and stored before this call. WAHA only.
    package var presetMessageID: String?

    package init(
        recipient: Recipient, content: OutboundContent, callbackData: String,
        replyToProviderMessageID: String? = nil, file: OutboundFile? = nil, presetMessageID: String? = nil
    ) {
        self.recipient = recipient
        self.content = content
        self.callbackData = callbackData
        self.replyToProviderMessageID = replyToProviderMessageID
        self.file = file
        self.presetMessageID = presetMessageID
    }

    /// Words of ours that a provider's error may quote.
    var ownWords: [String] {
        switch content {
        case .text(let text): [text]
        case .media(let media):
            [media.caption, media.filename, media.reference.own].compactMap { $0 }
        case .location(let location): [location.name, location.address].compactMap { $0 }
        case .buttons(let content):
            [content.header, content.body, content.footer].compactMap { $0 } + content.buttons.map(\.title)
        case .list(let content):
            [content.header, content.body, content.footer].compactMap { $0 }
                + content.sections.flatMap { $0.rows.flatMap { [$0.title, $0.description].compactMap { $0 } } }
        case .template(let template):
            template.components.flatMap(\.parameters).map { parameter in
                switch parameter {
                case .text(let text, _): text
                case .couponCode(let code): code
                case .payload(let payload): payload
                case .media(_, let reference): reference.own ?? ""
                case .location(let location): location.title
                }
            }
        }
    }
}

extension MediaReference {
    /// What an error may quote of it.
    fileprivate var own: String? {
        switch self {
        case .id(let id): id
        case .link(let link): link
        case .stored: nil
        }
    }
}
