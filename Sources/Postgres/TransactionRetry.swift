import EventLoop

/// How often, and after what pause, a transaction is run again: one that lost a race soon, one that lost its
/// connection as soon as there is another.
package struct TransactionRetry: Sendable {
    /// How long it is worth trying.
    package struct Patience: Sendable {
        /// Races: each run may lose to another caller, and few do so five times.
        let runs: Int
        /// Begins no run later than this.
        let time: Duration

        /// Somebody waits for the answer.
        package static let ofCaller = Patience(runs: 5, time: .seconds(5))
        /// Nobody waits; what is given up has to be found and begun again.
        package static let ofWorker = Patience(runs: 20, time: .seconds(60))
    }

    /// No pause is longer: who lost a race so often lost it to many, and they are done soon.
    private static let longestPause = 200.0

    private let patience: Patience
    private let began: MonotonicTime
    private var runs = 1

    package init(_ patience: Patience = .ofCaller) { self.init(patience, began: .now) }

    init(_ patience: Patience = .ofCaller, began: MonotonicTime) {
        self.patience = patience
        self.began = began
    }

    /// Returns when the transaction may be run again; throws the error if it may not.
    ///
    /// - Parameters:
    ///   - lostRace: the caller itself knows that it lost a race, whatever the error.
    ///   - isRepeatable: running it twice has the effect of running it once, so that it may be run again even if it
    ///     cannot be known whether it was committed.
    package mutating func again(after error: any Error, lostRace: Bool = false, isRepeatable: Bool) async throws {
        let random = Double.random(in: 0...1)
        guard
            let pause = pause(
                after: error, lostRace: lostRace, isRepeatable: isRepeatable, now: .now, random: random)
        else { throw error }
        try await Task.sleep(for: pause)
    }

    mutating func pause(
        after error: any Error, lostRace: Bool, isRepeatable: Bool, now: MonotonicTime, random: Double
    ) -> Duration? {
        guard runs < patience.runs, now - began < patience.time else { return nil }
        if !lostRace {
            guard let error = error as? PostgresError, Self.mayPass(error), error.certainty != .unknown || isRepeatable
            else { return nil }
        }
        // 5 ms doubled, less a random half, so that two that met do not meet again.
        let milliseconds = min(Double(5 << (runs - 1)), Self.longestPause)
        runs += 1
        return .microseconds(Int64(milliseconds * 1000 * (1 - random / 2)))
    }

    /// Who found no connection has waited for one already, and would only wait again.
    private static func mayPass(_ error: PostgresError) -> Bool {
        switch error.code {
        case .connectFailed, .misconfigured, .poolExhausted, .closed, .cancelled: false
        default: error.isUniqueViolation || error.isRetryable
        }
    }
}
