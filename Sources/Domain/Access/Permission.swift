/// What an API key may do; one is named for every route.
package enum Permission: String, Sendable, CaseIterable {
    case leadsRead = "leads:read"
    case leadsWrite = "leads:write"
    case contactsRead = "contacts:read"
    case contactsWrite = "contacts:write"
    case pipelinesRead = "pipelines:read"
    case pipelinesWrite = "pipelines:write"
    case customFieldsRead = "custom_fields:read"
    case customFieldsWrite = "custom_fields:write"
    case sequencesRead = "sequences:read"
    case sequencesWrite = "sequences:write"
    case tasksRead = "tasks:read"
    case tasksWrite = "tasks:write"
    case webhooksRead = "webhooks:read"
    case webhooksWrite = "webhooks:write"
    case usersRead = "users:read"
    case usersWrite = "users:write"
    /// Instances, templates, windows, preflight.
    case whatsappRead = "whatsapp:read"
    /// Every send, batch, retry, cancel, resolve, media upload.
    case whatsappWrite = "whatsapp:write"
    /// Attach, pair, sync, map.
    case whatsappManage = "whatsapp:manage"
    /// Conversations, messages, trace, timeline.
    case messagesRead = "messages:read"
    /// Conversation state, consents.
    case messagesWrite = "messages:write"
    case eventsRead = "events:read"
    /// Failed inbound events, replay.
    case inboundManage = "inbound:manage"
    /// Grants only what the granting key holds itself.
    case keysManage = "keys:manage"
    /// Personal data, erase.
    case privacyManage = "privacy:manage"
    case auditRead = "audit:read"
}
