import EventLoop

/// Callers in the order in which they came, each with the instant at which it gives up.
struct WaitingLine<Caller> {
    fileprivate struct Place {
        let caller: Caller
        let deadline: MonotonicTime
    }

    let limit: Int
    let patience: Duration
    private var places = FIFO<Place>()

    init(limit: Int, patience: Duration) {
        self.limit = limit
        self.patience = patience
    }

    var count: Int { places.count }
    var isEmpty: Bool { places.isEmpty }

    /// When the first one gives up. All have the same patience, so the first in line is the first to go.
    var earliestDeadline: MonotonicTime? { places.first?.deadline }

    /// False if the line is full.
    mutating func join(_ caller: Caller, now: MonotonicTime) -> Bool {
        guard places.count < limit else { return false }
        places.append(Place(caller: caller, deadline: now + patience))
        return true
    }

    mutating func next() -> Caller? { places.popFirst()?.caller }

    /// Gives up a caller's place; nil if it has none.
    mutating func leave(where isIt: (Caller) -> Bool) -> Caller? {
        places.removeFirst { isIt($0.caller) }?.caller
    }

    mutating func nextExpired(now: MonotonicTime) -> Caller? {
        guard let deadline = earliestDeadline, deadline <= now else { return nil }
        return next()
    }
}

extension WaitingLine: Sendable where Caller: Sendable {}
extension WaitingLine.Place: Sendable where Caller: Sendable {}
