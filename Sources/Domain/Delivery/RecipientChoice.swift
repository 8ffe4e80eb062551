/// Whom a send dials (PRODUCT § 6.2): the thread's identifier, else the lead's phone, else another address that the
/// provider understands.
enum RecipientChoice {
    /// `needsPhone` for authentication templates, which Meta does not send to a user id (131062).
    static func recipient(
        for instance: Instance?, conversation: Conversation?, needsPhone: Bool, in context: SendContext
    ) -> Recipient? {
        func suits(_ recipient: Recipient) -> Bool {
            switch (recipient.kind, instance?.provider) {
            case (.bsuid, _) where needsPhone: false
            case (.lid, .cloudAPI), (.bsuid, .waha): false
            default: true
            }
        }
        if let recipient = conversation?.recipient, suits(recipient) { return recipient }
        if let phone = context.phone { return Recipient(kind: .phone, value: phone) }
        return context.addresses.first(where: suits)
    }
}
