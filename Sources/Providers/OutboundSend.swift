package import Domain

/// One message on its way to a provider.
package struct OutboundSend: Sendable, Hashable {
    package var recipient: Recipient
    package var content: OutboundContent
    /// `account.message.attempt`: comes back in every status of this message. Cloud API only, at most 512 characters.
    package var callbackData: String
    package var replyToProviderMessageID: String?
    /// The id obtained from `presetMessageID` and stored before this call. WAHA only.
    package var presetMessageID: String?

    package init(
        recipient: Recipient, content: OutboundContent, callbackData: String,
        replyToProviderMessageID: String? = nil, presetMessageID: String? = nil
    ) {
        self.recipient = recipient
        self.content = content
        self.callbackData = callbackData
        self.replyToProviderMessageID = replyToProviderMessageID
        self.presetMessageID = presetMessageID
    }

    /// Words of ours that a provider's error may quote.
    var ownWords: [String] {
        switch content {
        case .text(let text): [text]
        case .template(let template):
            template.components.flatMap(\.parameters).map { parameter in
                switch parameter {
                case .text(let text, _): text
                case .couponCode(let code): code
                case .payload(let payload): payload
                case .media(_, .id(let id)): id
                case .media(_, .link(let link)): link
                }
            }
        }
    }
}
