package import Domain
package import JSON

extension AcceptStore {
    /// A judged send, ready to be written.
    package struct Submission: Sendable {
        package var account: Account.ID
        package var leadID: Lead.ID
        package var contactID: Contact.ID
        package var instanceID: Instance.ID
        package var recipient: Recipient
        package var content: OutboundContent
        /// `text`, `template`, `image`, …
        package var type: String
        package var text: String?
        /// What the message shows besides.
        package var details: JSONValue?
        package var mediaID: Medium.ID?
        package var template: Message.TemplateReference?
        package var usedFallback: Bool
        /// The template for the case that the window closes before it leaves.
        package var fallback: SendRequest.TemplateContent?
        package var replyTo: Message.ID?
        package var replyToProviderID: String?
        package var clientReference: String?
        package var sentBy: String?
        package var apiKeyID: APIKey.ID
        package var sendAt: Timestamp?
        package var validUntil: Timestamp?
        /// Kept in the outbox without a first attempt.
        package var held: Bool
        /// Not taken out of the outbox before; nil is at once.
        package var runAt: Timestamp?
        /// Whether it counts for how fast the contact is written to.
        package var isContactPaced: Bool
        /// Whether the contact counts for its business account's messaging limit when it goes at once.
        package var isTierCounted: Bool
        package var claim: IdempotencyStore.Claim?
        /// When it was taken.
        package var now: Timestamp
        /// Whose the first attempt is, and until when.
        package var leaseOwner: String
        package var leaseUntil: Timestamp

        package init(
            account: Account.ID, leadID: Lead.ID, contactID: Contact.ID, instanceID: Instance.ID,
            recipient: Recipient, content: OutboundContent, text: String?,
            template: Message.TemplateReference?, usedFallback: Bool, replyTo: Message.ID?,
            replyToProviderID: String?, clientReference: String?, sentBy: String?, apiKeyID: APIKey.ID,
            sendAt: Timestamp?, validUntil: Timestamp?, held: Bool, claim: IdempotencyStore.Claim?, now: Timestamp,
            leaseOwner: String, leaseUntil: Timestamp, type: String? = nil, details: JSONValue? = nil,
            mediaID: Medium.ID? = nil, fallback: SendRequest.TemplateContent? = nil, runAt: Timestamp? = nil,
            isContactPaced: Bool = false, isTierCounted: Bool = false
        ) {
            self.account = account
            self.leadID = leadID
            self.contactID = contactID
            self.instanceID = instanceID
            self.recipient = recipient
            self.content = content
            self.type = type ?? (template == nil ? "text" : "template")
            self.text = text
            self.details = details
            self.mediaID = mediaID
            self.template = template
            self.usedFallback = usedFallback
            self.fallback = fallback
            self.replyTo = replyTo
            self.replyToProviderID = replyToProviderID
            self.clientReference = clientReference
            self.sentBy = sentBy
            self.apiKeyID = apiKeyID
            self.sendAt = sendAt
            self.validUntil = validUntil
            self.held = held
            self.runAt = runAt
            self.isContactPaced = isContactPaced
            self.isTierCounted = isTierCounted
            self.claim = claim
            self.now = now
            self.leaseOwner = leaseOwner
            self.leaseUntil = leaseUntil
        }
    }

    /// A send that is durable now.
    package struct Accepted: Sendable {
        package let standing: MessageStore.Standing
        /// Its first attempt is this process's to make; otherwise it waits in the outbox.
        package let dispatches: Bool
    }
}

extension AcceptStore.Submission {
    /// The message as it was written.
    func message(_ id: Message.ID, in conversation: Conversation.ID, dispatches: Bool) -> Message {
        Message(
            id: id, accountID: account, leadID: leadID, conversationID: conversation, instanceID: instanceID,
            direction: .outbound, type: type, status: dispatches ? .sending : .queued, text: text,
            details: details?.object, template: template, clientReference: clientReference, providerMessageID: nil,
            attempts: dispatches ? 1 : 0, error: nil,
            usedFallback: usedFallback, queuedAt: now, acceptedAt: nil, sentAt: nil, deliveredAt: nil, readAt: nil,
            failedAt: nil)
    }
}
