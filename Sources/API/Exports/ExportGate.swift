import Domain
import EventLoop

/// Lets so many exports be under way at once: each has a connection to the database to itself.
final class ExportGate: Sendable {
    private let limit: Int
    /// Where there is room for several, no account takes all of it.
    private let accountLimit: Int
    private let underWay = Lock<[Account.ID: Int]>([:])

    init(limit: Int) {
        self.limit = limit
        accountLimit = max(1, limit - 1)
    }

    /// A place, held as long as it lives: an answer that is never written gives it back too.
    final class Place: Sendable {
        private let gate: ExportGate
        private let account: Account.ID

        fileprivate init(_ gate: ExportGate, _ account: Account.ID) {
            self.gate = gate
            self.account = account
        }

        deinit { gate.leave(account) }
    }

    /// nil when there is none.
    func enter(_ account: Account.ID) -> Place? {
        let isFree = underWay.withLock { underWay in
            guard underWay.values.reduce(0, +) < limit, underWay[account, default: 0] < accountLimit else {
                return false
            }
            underWay[account, default: 0] += 1
            return true
        }
        return isFree ? Place(self, account) : nil
    }

    private func leave(_ account: Account.ID) {
        underWay.withLock { underWay in
            let left = underWay[account, default: 1] - 1
            underWay[account] = left > 0 ? left : nil
        }
    }
}
