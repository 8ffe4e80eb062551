import Domain
import JSON

extension JSONWriter {
    mutating func message(_ message: Message) {
        beginObject()
        member("id", message.id.rawValue)
        member("lead_id", message.leadID?.rawValue)
        member("conversation_id", message.conversationID.rawValue)
        member("instance_id", message.instanceID.rawValue)
        member("direction", message.direction.rawValue)
        member("type", message.type)
        member("status", message.status.rawValue)
        member("text", message.text)
        template(message.template)
        member("client_reference", message.clientReference)
        member("provider_message_id", message.providerMessageID)
        member("attempts", message.attempts)
        key("error")
        if let error = message.error { provider(error) } else { null() }
        member("queued_at", message.queuedAt.text)
        member("accepted_at", message.acceptedAt?.text)
        member("sent_at", message.sentAt?.text)
        member("delivered_at", message.deliveredAt?.text)
        member("read_at", message.readAt?.text)
        member("failed_at", message.failedAt?.text)
        for (key, value) in message.details?.members ?? [] {
            self.key(key)
            self.value(value)
        }
        endObject()
    }

    mutating func template(_ template: Message.TemplateReference?) {
        key("template")
        guard let template else { return null() }
        beginObject()
        member("id", template.id.rawValue)
        member("name", template.name)
        member("language", template.language)
        member("category", template.category)
        endObject()
    }

    /// As a send tells it: free text passes, or it does not.
    mutating func window(_ window: ServiceWindow) { self.window(window, state: window.state.rawValue) }

    mutating func window(_ window: ServiceWindow, state: String) {
        beginObject()
        member("instance_id", window.instanceID.rawValue)
        member("state", state)
        member("last_inbound_at", window.lastInboundAt?.text)
        member("expires_at", window.expiresAt?.text)
        member("seconds_left", window.secondsLeft)
        endObject()
    }

    mutating func provider(_ fault: ProviderFault) {
        beginObject()
        member("name", fault.provider.rawValue)
        member("code", fault.code)
        member("title", fault.title)
        member("details", fault.details)
        member("retryable", fault.retryable)
        endObject()
    }
}
