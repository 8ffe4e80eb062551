import CPostgres
import Synchronization

/// Owns a `PGcancel`: what stops a running statement.
final class Cancellation: @unchecked Sendable {
    // Unchecked, because PQcancel may be called from any thread (manual, "Canceling Queries in Progress").
    private let pointer: OpaquePointer
    private let isWanted = Atomic(true)

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQfreeCancel(pointer) }

    /// What it was meant for has ended: sent now it would hit whatever comes next.
    func revoke() { isWanted.store(false, ordering: .relaxed) }

    /// Connects anew, so it blocks; when it returns the server has been told.
    func send() {
        guard isWanted.load(ordering: .relaxed) else { return }
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &message, Int32(message.count))
    }
}
