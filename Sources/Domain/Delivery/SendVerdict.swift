/// The judgement of a send: what would go out, or every reason why not. Send, `dry_run` and preflight all answer
/// from it.
package struct SendVerdict: Sendable {
    package var instance: Instance?
    package var conversation: Conversation?
    package var recipient: Recipient?
    package var window: ServiceWindow?
    package var template: Template?
    package var bound: BoundTemplate?
    /// What goes to the provider; nil unless `faults` is empty.
    package var content: OutboundContent?
    /// The words, for the message row; nil where there are none, and unless `faults` is empty.
    package var text: String?
    /// What the message shows besides its words, as the API tells it.
    package var details: MessageDetails
    /// `text`, `template`, `image`, …
    package var type: String
    package var usedFallback: Bool
    /// The instance cannot dispatch now, or the message waits for its time.
    package var held: Bool
    /// The provider's id of the message answered to.
    package var replyToProviderMessageID: String?
    /// In the order of PRODUCT § 6: the first is the one a send answers with.
    package var faults: [SendFault]
    /// Templates that would work, when the window is closed.
    package var templateIDs: [Template.ID]

    package var isAllowed: Bool { faults.isEmpty }

    package init() {
        details = MessageDetails()
        type = MessageKind.text.rawValue
        usedFallback = false
        held = false
        faults = []
        templateIDs = []
    }
}

/// A reason why a send does not happen.
package struct SendFault: Sendable, Hashable {
    /// The wire code.
    package enum Code: String, Sendable, CaseIterable {
        case noInstance = "no_instance"
        case instanceNotFound = "instance_not_found"
        case instanceNotConnected = "instance_not_connected"
        case leadWithoutPhone = "lead_without_phone"
        case optedOut = "opted_out"
        case windowClosed = "window_closed"
        case templatesNotSupported = "templates_not_supported"
        case templateNotFound = "template_not_found"
        case templateNotApproved = "template_not_approved"
        case bindingFailed = "binding_failed"
        case replyNotFound = "reply_not_found"
        case contentInvalid = "content_invalid"
    }

    package var code: Code
    /// The field of the body it is about: `/instance_id`, `/template_id`.
    package var pointer: String?
    /// For `binding_failed`: every one of them.
    package var binding: [BindingFault]
    /// For `content_invalid`: every one of them.
    package var content: [ContentFault]

    package init(
        _ code: Code, pointer: String? = nil, binding: [BindingFault] = [], content: [ContentFault] = []
    ) {
        self.code = code
        self.pointer = pointer
        self.binding = binding
        self.content = content
    }
}
