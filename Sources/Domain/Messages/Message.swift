package import JSON

/// One message, inbound or outbound, as the API shows it.
package struct Message: Sendable, Hashable {
    package typealias ID = Identifier<Message>

    package enum Direction: String, Sendable, CaseIterable { case inbound, outbound }

    package struct TemplateReference: Sendable, Hashable {
        package var id: Template.ID
        package var name: String
        package var language: String
        package var category: String

        package init(id: Template.ID, name: String, language: String, category: String) {
            self.id = id
            self.name = name
            self.language = language
            self.category = category
        }
    }

    package var id: ID
    package var accountID: Account.ID
    package var leadID: Lead.ID?
    package var conversationID: Conversation.ID
    package var instanceID: Instance.ID
    package var direction: Direction
    /// `text`, `template`, `image`, …; open for what providers add.
    package var type: String
    package var status: MessageStatus
    package var text: String?
    /// What it shows besides, as the API tells it: `media`, `location`, `buttons`, `list`, `reply_to`, …
    package var details: JSONObject?
    package var template: TemplateReference?
    package var clientReference: String?
    package var providerMessageID: String?
    package var attempts: Int
    package var error: ProviderFault?
    package var usedFallback: Bool
    package var queuedAt: Timestamp
    package var acceptedAt: Timestamp?
    package var sentAt: Timestamp?
    package var deliveredAt: Timestamp?
    package var readAt: Timestamp?
    package var failedAt: Timestamp?

    package init(
        id: ID, accountID: Account.ID, leadID: Lead.ID?, conversationID: Conversation.ID, instanceID: Instance.ID,
        direction: Direction, type: String, status: MessageStatus, text: String?, details: JSONObject?,
        template: TemplateReference?,
        clientReference: String?, providerMessageID: String?, attempts: Int, error: ProviderFault?,
        usedFallback: Bool, queuedAt: Timestamp, acceptedAt: Timestamp?, sentAt: Timestamp?, deliveredAt: Timestamp?,
        readAt: Timestamp?, failedAt: Timestamp?
    ) {
        self.id = id
        self.accountID = accountID
        self.leadID = leadID
        self.conversationID = conversationID
        self.instanceID = instanceID
        self.direction = direction
        self.type = type
        self.status = status
        self.text = text
        self.details = details
        self.template = template
        self.clientReference = clientReference
        self.providerMessageID = providerMessageID
        self.attempts = attempts
        self.error = error
        self.usedFallback = usedFallback
        self.queuedAt = queuedAt
        self.acceptedAt = acceptedAt
        self.sentAt = sentAt
        self.deliveredAt = deliveredAt
        self.readAt = readAt
        self.failedAt = failedAt
    }
}
