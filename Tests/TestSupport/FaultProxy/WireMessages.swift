/// Cuts a byte stream of PostgreSQL's protocol (manual, section 55.7) into its messages.
struct WireMessages {
    struct Message {
        /// The type byte; nil for what opens a connection, which has none.
        let kind: UInt8?
        let bytes: [UInt8]

        var isOpening: Bool { kind == nil }
        /// What the server answers with `ReadyForQuery`: Sync, or a simple query.
        var asksForReady: Bool { kind == UInt8(ascii: "S") || kind == UInt8(ascii: "Q") }
        /// Of a Bind, the prepared statement that it runs.
        var statement: String? {
            guard kind == UInt8(ascii: "B") else { return nil }
            let names = bytes.dropFirst(5).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
            return names.count > 1 ? String(decoding: names[1], as: UTF8.self) : nil
        }

        /// Part of logging in or of leaving.
        var isCeremony: Bool { kind == nil || kind == UInt8(ascii: "p") || kind == UInt8(ascii: "X") }

        /// The SQLSTATE of an ErrorResponse.
        static func error(_ sqlState: String) -> [UInt8] {
            var fields: [UInt8] = []
            for (code, text) in [("S", "ERROR"), ("V", "ERROR"), ("C", sqlState), ("M", "injected")] {
                fields += Array(code.utf8) + Array(text.utf8) + [0]
            }
            fields.append(0)
            return [UInt8(ascii: "E")] + WireMessages.length(fields.count + 4) + fields
        }
    }

    /// The first thing that a client says has no type byte.
    private var awaitsOpening: Bool
    /// From here on the stream is not ours to read: TLS.
    private(set) var isOpaque = false
    private var pending: [UInt8] = []

    init(fromClient: Bool) { awaitsOpening = fromClient }

    private static let sslRequest: UInt32 = 80_877_103
    private static let cancelRequest: UInt32 = 80_877_102

    mutating func append(_ bytes: some Sequence<UInt8>) { pending += bytes }

    mutating func becomeOpaque() { isOpaque = true }

    mutating func next() -> Message? {
        guard !isOpaque else { return take(pending.count, kind: 0) }
        guard !awaitsOpening else {
            guard pending.count >= 8 else { return nil }
            let length = number(at: 0)
            guard pending.count >= Int(length) else { return nil }
            switch number(at: 4) {
            case Self.sslRequest: isOpaque = true
            case Self.cancelRequest: break
            default: awaitsOpening = false
            }
            return take(Int(length), kind: nil)
        }
        guard pending.count >= 5 else { return nil }
        let length = Int(number(at: 1)) + 1
        guard pending.count >= length else { return nil }
        return take(length, kind: pending[0])
    }

    private mutating func take(_ count: Int, kind: UInt8?) -> Message? {
        guard count > 0 else { return nil }
        let message = Message(kind: kind, bytes: Array(pending.prefix(count)))
        pending.removeFirst(count)
        return message
    }

    private func number(at index: Int) -> UInt32 {
        pending[index..<index + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    fileprivate static func length(_ count: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
    }
}
