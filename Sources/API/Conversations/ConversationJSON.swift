import Domain
import JSON
import Storage

extension JSONWriter {
    mutating func conversation(_ conversation: ConversationRecord) {
        beginObject()
        thread(conversation)
        key("contact")
        beginObject()
        member("id", conversation.contactID.rawValue)
        member("name", conversation.contactName)
        member("phone", conversation.contactPhone)
        endObject()
        member("lead_id", conversation.leadID?.rawValue)
        key("last_message")
        if let message = conversation.lastMessage { value(message) } else { null() }
        endObject()
    }

    /// What an event tells of it: ids and instants, and nothing of the person.
    mutating func thread(_ conversation: ConversationRecord) {
        member("id", conversation.id.rawValue)
        member("contact_id", conversation.contactID.rawValue)
        member("instance_id", conversation.instanceID.rawValue)
        member("status", conversation.state.status.rawValue)
        member("assigned_to", conversation.state.assignedTo?.rawValue)
        member("unread", conversation.state.unread)
        member("last_inbound_at", conversation.lastInboundAt?.text)
        member("last_message_at", conversation.lastMessageAt.text)
        member("read_at", conversation.readAt?.text)
        member("created_at", conversation.createdAt.text)
    }
}
