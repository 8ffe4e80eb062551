/// Judges a send by PRODUCT § 6.1–5 and tells every reason against it, in that order.
package enum SendDecision {
    package static func judge(_ request: SendRequest, in context: SendContext, now: Timestamp) -> SendVerdict {
        var judgement = SendJudgement(request, context, now)
        return judgement.judged()
    }
}

/// The steps of one judgement; each judges what it can, whatever the others found.
struct SendJudgement {
    private let request: SendRequest
    private let context: SendContext
    private let now: Timestamp
    private var verdict = SendVerdict()
    /// What is bound and sent, unless it is the text: the request's template, or its fallback.
    private var choice: TemplateSelection?
    private var content: TemplateContent?
    private var media: OutboundContent.MediaContent?

    init(_ request: SendRequest, _ context: SendContext, _ now: Timestamp) {
        self.request = request
        self.context = context
        self.now = now
    }

    mutating func judged() -> SendVerdict {
        chooseInstance()
        judgeInstance()
        measureWindow()
        judgeRecipient()
        judgeConsent()
        judgeWindow()
        judgeTemplate()
        judgeMedia()
        judgeReply()
        conclude()
        return verdict
    }

    private mutating func chooseInstance() {
        switch request.content {
        case .text, .media, .location, .buttons, .list:
            let choice = InstanceChoice.forText(given: request.instanceID, in: context)
            verdict.instance = choice.instance
            if let fault = choice.fault { verdict.faults.append(fault) }
        case .template(let template):
            let selection = TemplateSelection(template, root: "", given: request.instanceID, in: context)
            select(selection)
            let choice = InstanceChoice.forTemplate(selection.template, given: request.instanceID, in: context)
            verdict.instance = choice.instance
            if let fault = choice.fault { verdict.faults.append(fault) }
        }
    }

    private mutating func judgeInstance() {
        guard let instance = verdict.instance, !instance.status.acceptsSends else { return }
        let pointer = request.instanceID == nil ? nil : "/instance_id"
        verdict.faults.append(SendFault(.instanceNotConnected, pointer: pointer))
    }

    /// Judged on whatever threads the contact has on the instance: a merge may leave two.
    private mutating func measureWindow() {
        guard let instance = verdict.instance else { return }
        let threads = context.conversations.filter { $0.instanceID == instance.id }
        verdict.conversation = threads.max { ($0.lastMessageAt, $0.id) < ($1.lastMessageAt, $1.id) }
        verdict.window = ServiceWindow(
            instanceID: instance.id, lastInboundAt: threads.compactMap(\.lastInboundAt).max(), now: now)
        // The fallback takes the message's place before anything is judged that depends on what is sent.
        guard request.content.needsOpenWindow, isWindowShut, let fallback = request.fallback else { return }
        verdict.usedFallback = true
        select(TemplateSelection(fallback, root: "/fallback", given: instance.id, in: context))
    }

    private mutating func judgeRecipient() {
        let needsPhone = content?.isAuthentication ?? false
        verdict.recipient = RecipientChoice.recipient(
            for: verdict.instance, conversation: verdict.conversation, needsPhone: needsPhone, in: context)
        if verdict.recipient == nil { verdict.faults.append(SendFault(.leadWithoutPhone)) }
    }

    /// A STOP word ends what the business begins; an answer inside the window is not begun by it.
    private mutating func judgeConsent() {
        let isStopped: Bool
        if choice == nil {
            isStopped = context.consent.stopped && verdict.window?.isOpen != true
        } else {
            let isMarketing = choice?.template?.category.uppercased() == "MARKETING"
            isStopped = context.consent.stopped || (context.consent.marketingStopped && isMarketing)
        }
        if isStopped { verdict.faults.append(SendFault(.optedOut)) }
    }

    private mutating func judgeWindow() {
        guard choice == nil, isWindowShut, let instance = verdict.instance else { return }
        verdict.faults.append(SendFault(.windowClosed))
        verdict.templateIDs = context.approvedTemplates
            .filter { $0.businessAccountID == instance.businessAccountID }.map(\.id)
    }

    private mutating func judgeTemplate() {
        guard let choice else { return }
        guard let template = choice.template, let content else {
            verdict.faults.append(SendFault(.templateNotFound, pointer: choice.pointer))
            return
        }
        if let instance = verdict.instance, !instance.supportsTemplates {
            verdict.faults.append(SendFault(.templatesNotSupported, pointer: choice.pointer))
        } else if template.status != .approved || verdict.instance.map({ !template.belongs(to: $0) }) ?? false {
            verdict.faults.append(SendFault(.templateNotApproved, pointer: choice.pointer))
        }
        let result = TemplateBinding.bind(
            content, variables: choice.request.variables, mapped: context.mapped[template.id] ?? [],
            headerMedia: choice.request.headerMedia, headerLocation: choice.request.headerLocation,
            stored: context.media, root: choice.root)
        switch result {
        case .success(let bound): verdict.bound = bound
        case .failure(let faults): verdict.faults.append(SendFault(.bindingFailed, binding: faults.all))
        }
    }

    /// The file is there, and of the kind that is sent.
    private mutating func judgeMedia() {
        guard choice == nil, case .media(let request) = request.content else { return }
        switch request.judged(among: context.media) {
        case .success(let content): media = content
        case .failure(let faults): verdict.faults.append(SendFault(.contentInvalid, content: faults.all))
        }
    }

    /// Only a message of this contact on this instance can be answered to, and only once the provider has named it.
    private mutating func judgeReply() {
        guard request.replyTo != nil else { return }
        if let target = context.replyTarget {
            guard let instance = verdict.instance else { return }
            let isInThread = context.conversations.contains {
                $0.id == target.conversationID && $0.instanceID == instance.id
            }
            if isInThread, target.instanceID == instance.id, let id = target.providerMessageID {
                verdict.replyToProviderMessageID = id
                return
            }
        }
        verdict.faults.append(SendFault(.replyNotFound, pointer: "/reply_to"))
    }

    private mutating func conclude() {
        guard verdict.faults.isEmpty, let instance = verdict.instance else { return }
        verdict.held = !instance.status.canDispatch || request.sendAt.map { $0 > now } ?? false
        verdict.details.replyTo = request.replyTo
        verdict.details.usedFallback = verdict.usedFallback
        if let template = verdict.template, let bound = verdict.bound {
            verdict.type = "template"
            verdict.text = bound.rendered.body
            let send = OutboundContent.TemplateSend(
                name: template.name, language: template.language, components: bound.components)
            verdict.content = .template(send)
            verdict.details.location = choice?.request.headerLocation
        } else {
            concludeMessage(hasButtons: instance.supportsButtons)
        }
        if let reference = verdict.content?.media {
            verdict.details.media = MessageDetails.Media(reference, filename: media?.filename, among: context.media)
        }
    }

    private mutating func concludeMessage(hasButtons: Bool) {
        verdict.text = request.content.words
        switch request.content {
        case .text(let text): verdict.content = .text(text)
        case .media:
            guard let media else { return }
            verdict.type = media.kind.rawValue
            verdict.content = .media(media)
        case .location(let location):
            verdict.type = MessageKind.location.rawValue
            verdict.details.location = location
            verdict.content = .location(location)
        case .buttons(let buttons):
            verdict.type = MessageKind.buttons.rawValue
            verdict.details.choices = .buttons(buttons)
            verdict.details.isNumberedText = !hasButtons
            verdict.content = hasButtons ? .buttons(buttons) : .text(NumberedText.of(buttons))
        case .list(let list):
            verdict.type = MessageKind.list.rawValue
            verdict.details.choices = .list(list)
            verdict.details.isNumberedText = !hasButtons
            verdict.content = hasButtons ? .list(list) : .text(NumberedText.of(list))
        case .template: break
        }
    }

    /// Whether the instance refuses free text now.
    private var isWindowShut: Bool {
        guard let instance = verdict.instance, let window = verdict.window else { return false }
        return instance.hasWindowRestriction && !window.isOpen
    }

    private mutating func select(_ selection: TemplateSelection) {
        choice = selection
        verdict.template = selection.template
        content = selection.template.map { TemplateContent($0) }
    }
}
