/// Everything that a send is judged by, as it stood at one instant.
package struct SendContext: Sendable {
    /// What the contact has said about being written to.
    package struct Consent: Sendable, Hashable {
        /// A STOP word: no business-initiated message at all.
        package var stopped: Bool
        /// Meta's `user_preferences` stop: no MARKETING template.
        package var marketingStopped: Bool

        package init(stopped: Bool = false, marketingStopped: Bool = false) {
            self.stopped = stopped
            self.marketingStopped = marketingStopped
        }
    }

    package var leadID: Lead.ID
    package var contactID: Contact.ID
    /// The lead's phone, E.164.
    package var phone: String?
    /// Other addresses of the contact, in order of preference.
    package var addresses: [Recipient]
    package var consent: Consent
    /// Those of the account that the key may see.
    package var instances: [Instance]
    /// Those of the contact, on visible instances.
    package var conversations: [Conversation]
    /// The templates that the request names, if they exist.
    package var templates: [Template]
    /// Approved templates of the account by business account, offered when a window is closed.
    package var approvedTemplates: [(businessAccountID: String, id: Template.ID)]
    /// The provider's id of the message that `reply_to` names, with its conversation; nil when there is none.
    package var replyTarget: ReplyTarget?
    /// What the admin's mappings yield for this lead, one for each slot of the template.
    package var mapped: [Template.ID: [MappedValue?]]
    /// The kept files that the request names, if they exist.
    package var media: [Medium]

    package struct ReplyTarget: Sendable, Hashable {
        package var conversationID: Conversation.ID
        package var instanceID: Instance.ID
        package var providerMessageID: String?

        package init(conversationID: Conversation.ID, instanceID: Instance.ID, providerMessageID: String?) {
            self.conversationID = conversationID
            self.instanceID = instanceID
            self.providerMessageID = providerMessageID
        }
    }

    package init(
        leadID: Lead.ID, contactID: Contact.ID, phone: String?, addresses: [Recipient], consent: Consent,
        instances: [Instance], conversations: [Conversation], templates: [Template],
        approvedTemplates: [(businessAccountID: String, id: Template.ID)], replyTarget: ReplyTarget?,
        mapped: [Template.ID: [MappedValue?]] = [:], media: [Medium] = []
    ) {
        self.leadID = leadID
        self.contactID = contactID
        self.phone = phone
        self.addresses = addresses
        self.consent = consent
        self.instances = instances
        self.conversations = conversations
        self.templates = templates
        self.approvedTemplates = approvedTemplates
        self.replyTarget = replyTarget
        self.mapped = mapped
        self.media = media
    }
}
