import JSON

/// One message that a provider accepted.
struct SimulatedMessage: Sendable {
    let provider: SimulatedProvider
    /// Phone number id or session.
    let instance: String
    let from: DialledNumber
    let to: ContactAddress
    let id: String
    let type: String
    /// The words as the recipient reads them.
    let text: String
    let content: JSONValue
    let rendered: RenderedTemplate?
    let callbackData: String?
    /// Microseconds since 1970.
    let at: Int64
    let arrival: Course.Arrival
    /// WAHA's acknowledgement level.
    var ack: Int64 = 0
}

/// What the providers accepted, in order, and so what each phone received.
struct Mailbox: Sendable {
    private let limit: Int
    private var messages: [SimulatedMessage] = []
    private var byID: [String: Int] = [:]
    private var byRecipient: [String: [Int]] = [:]

    init(limit: Int) { self.limit = max(limit, 1) }

    mutating func append(_ message: SimulatedMessage) {
        if messages.count >= limit { forgetOldest() }
        index(message, at: messages.count)
        messages.append(message)
    }

    /// The latest message of that id: WAHA lets a caller use one twice.
    func message(_ id: String) -> SimulatedMessage? { byID[id].map { messages[$0] } }

    mutating func setAck(_ ack: Int64, of id: String) {
        guard let index = byID[id] else { return }
        messages[index].ack = ack
    }

    /// What arrived, oldest first; at one phone, or at all.
    func received(at contact: ContactAddress?) -> [SimulatedMessage] {
        guard let contact else { return messages.filter { $0.arrival == .arrives } }
        return (byRecipient[contact.matchKey] ?? []).map { messages[$0] }.filter { $0.arrival == .arrives }
    }

    mutating func clear() {
        messages = []
        byID = [:]
        byRecipient = [:]
    }

    private mutating func index(_ message: SimulatedMessage, at index: Int) {
        byID[message.id] = index
        byRecipient[message.to.matchKey, default: []].append(index)
    }

    /// A tenth at a time, so that the indices are made anew seldom.
    private mutating func forgetOldest() {
        let kept = Array(messages.dropFirst(max(1, limit / 10)))
        clear()
        for message in kept { append(message) }
    }
}
