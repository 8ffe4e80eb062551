/// When each contact last wrote to each number: free text may follow for 24 hours (Cloud API › Customer service windows).
struct ServiceWindows: Sendable {
    private struct Key: Hashable {
        let instance: String
        let contact: String
    }

    private static let length: Int64 = 24 * 3_600 * 1_000_000
    private var lastInbound: [Key: Int64] = [:]

    /// Times in microseconds; one older than what is known changes nothing.
    mutating func open(_ contact: ContactAddress, at instance: String, written time: Int64) {
        let key = Key(instance: instance, contact: contact.matchKey)
        lastInbound[key] = max(lastInbound[key] ?? .min, time)
    }

    func isOpen(_ contact: ContactAddress, at instance: String, now: Int64) -> Bool {
        guard let last = lastInbound[Key(instance: instance, contact: contact.matchKey)] else { return false }
        return now < last + Self.length
    }
}
