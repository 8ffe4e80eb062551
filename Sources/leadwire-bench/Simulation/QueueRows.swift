import Domain
import Storage

/// The rows of the model: what of the tables `messages`, `attempts`, `outbox`, `conversations`, `instances` and
/// `parked_statuses` has a say in what is sent. The rank of a status is the status's own.
struct MessageRow {
    let id: Message.ID
    /// The index of its conversation.
    let thread: Int
    /// The idempotency key, if it came under one.
    let key: Int?
    var status: MessageStatus
    var attempts: Int
    /// How many of them came before the last retry that somebody asked for.
    var earlierAttempts = 0
    var content: OutboundContent
    var category: String?
    var fallback: SendRequest.TemplateContent?
    var usedFallback: Bool
    var presetID: String?
    var providerMessageID: String?
    var sendAt: Timestamp?
    var validUntil: Timestamp?
    var error: ProviderFault?
    /// In the order of their numbers.
    var tries: [AttemptRow] = []

    var isTemplate: Bool {
        if case .template = content { return true }
        return false
    }
}

struct AttemptRow: Equatable {
    let number: Int
    let startedAt: Timestamp
    var finishedAt: Timestamp?
    var outcome: String?
}

struct OutboxRow: Equatable {
    let id: Message.ID
    let thread: Int
    var runAt: Timestamp
    var leaseOwner: String?
    var leaseUntil: Timestamp?
}

struct ThreadRow {
    let id: Conversation.ID
    /// The index of its instance.
    let number: Int
    let contact: Contact.ID
    var lastInboundAt: Timestamp?
    var consent = SendContext.Consent()
    /// How fast the contact may be written to; nil is as fast as may be.
    var pace: Pace?
    var pacedUntil: Timestamp?

    func isOpen(_ now: Timestamp) -> Bool { pace.map { $0.opens(pacedUntil) <= now } ?? true }

    mutating func charge(_ now: Timestamp) { pacedUntil = pace?.charged(pacedUntil, for: 1, now: now) ?? pacedUntil }

    /// Not before what the pace lets go.
    func paced(_ time: Timestamp) -> Timestamp { pace.map { max(time, $0.opens(pacedUntil)) } ?? time }
}

struct NumberRow {
    let id: Instance.ID
    let provider: Instance.Provider
    var status = Instance.Status.connected

    var hasWindowRestriction: Bool { provider == .cloudAPI }
}

struct ParkedRow {
    let number: Int
    let providerMessageID: String
    let status: MessageStatus
    let fault: ProviderFault?
    let parkedAt: Timestamp
}
