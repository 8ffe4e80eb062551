package import EventLoop

/// The rows of one statement as they arrive, however many there are: the server is held up while the reader is behind.
@Reactor
package final class PostgresRowStream {
    /// How much of what has arrived waits for the reader at most, give or take what one read from the socket brings.
    private static let limit = 256 * 1024

    private var rows = FIFO<QueryResult>()
    private var size = 0
    private var end: Request.Outcome?
    private var reader: UnsafeContinuation<Void, Never>?
    private var isDiscarding = false
    /// Reads on from the connection.
    private var refill: (@Reactor () -> Void)?

    init() {}

    /// The next row; nil behind the last. A statement that fails midway throws here.
    package func next() async throws(PostgresError) -> PostgresRow? {
        while true {
            if let result = rows.popFirst() {
                size -= result.size
                if size < Self.limit / 2 { refill?() }
                return PostgresRow(result: result, row: 0)
            }
            if let end {
                _ = try end.get()
                return nil
            }
            await withUnsafeContinuation { reader = $0 }
        }
    }

    // MARK: The connection's side

    var isFull: Bool { size >= Self.limit }
    var hasEnded: Bool { end != nil }

    func attach(refill: @escaping @Reactor () -> Void) { self.refill = refill }

    func push(_ result: QueryResult) {
        guard !isDiscarding else { return }
        rows.append(result)
        size += result.size
        wake()
    }

    func finish(_ outcome: Request.Outcome) {
        guard end == nil else { return }
        end = outcome
        refill = nil
        wake()
    }

    /// The reader wants no more: what still comes is dropped, so that the end comes soon.
    func discard() {
        isDiscarding = true
        rows = FIFO()
        size = 0
        refill?()
    }

    /// Returns when the statement has come to its end.
    func ended() async {
        while end == nil { await withUnsafeContinuation { reader = $0 } }
    }

    private func wake() {
        reader?.resume()
        reader = nil
    }
}
