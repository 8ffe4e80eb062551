import EventLoop

/// Who may use which connection of one origin, and who waits; it decides and leaves the doing to the client.
struct HTTPOriginPool<Connection: AnyObject, Waiter> {
    enum Lease {
        case reuse(Connection)
        /// The place is taken: make a connection, and `discard` it if that fails.
        case connect
        /// To leave early, `leave` with the ticket.
        case wait(ticket: Int)
    }

    let limit: Int
    /// Idle, busy and being made.
    private(set) var open = 0
    /// The last used is the next to be used: the others grow old and go.
    private(set) var idle: [(connection: Connection, since: MonotonicTime)] = []
    private var waiters = WaitingList<Waiter>()

    init(limit: Int) { self.limit = limit }

    var isUnused: Bool { open == 0 && waiters.isEmpty }
    var isAwaited: Bool { !waiters.isEmpty }

    mutating func lease(for waiter: Waiter) -> Lease {
        if let last = idle.popLast() { return .reuse(last.connection) }
        guard open < limit else { return .wait(ticket: waiters.join(waiter)) }
        open += 1
        return .connect
    }

    /// Takes back a connection that may serve again; returns the waiter that it goes to at once, if any.
    mutating func giveBack(_ connection: Connection, at now: MonotonicTime) -> Waiter? {
        if let waiter = waiters.next() { return waiter }
        idle.append((connection, now))
        return nil
    }

    /// Frees the place of a connection that is no more; returns the waiter that takes the place, if any.
    mutating func discard() -> Waiter? {
        if let waiter = waiters.next() { return waiter }
        open -= 1
        return nil
    }

    /// Takes an idle connection out, its place with it; false when it was not idle.
    mutating func removeIdle(_ connection: Connection) -> Bool {
        guard let index = idle.firstIndex(where: { $0.connection === connection }) else { return false }
        idle.remove(at: index)
        open -= 1
        return true
    }

    mutating func leave(_ ticket: Int) { waiters.leave(ticket) }

    /// Takes out every connection that has been idle since `instant` or longer.
    mutating func expire(idleSince instant: MonotonicTime) -> [Connection] {
        // Oldest first, because a connection is always appended with the time of now.
        let count = idle.firstIndex { $0.since > instant } ?? idle.count
        defer {
            idle.removeFirst(count)
            open -= count
        }
        return idle[..<count].map(\.connection)
    }
}

/// One origin's pool, by reference: its connections and calls find it without a search.
@Reactor
final class HTTPOriginSite {
    let origin: HTTPURL.Origin
    var pool: HTTPOriginPool<HTTPClientConnection, HTTPClientCall>

    init(_ origin: HTTPURL.Origin, limit: Int) {
        self.origin = origin
        pool = HTTPOriginPool(limit: limit)
    }
}
