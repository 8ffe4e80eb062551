import Domain
import EventLoop
import HTTP
import Storage

/// Counts each key's requests by the minute. Processes lease blocks of the minute from the database, so that together
/// they admit at most a block each over the rate, and no request writes on its own.
@Reactor
final class RateLimiter {
    /// The state of one key's minute in this process.
    @Reactor private final class Window {
        let start: Timestamp
        var leased = 0
        var used = 0
        /// By all processes, as of the last lease.
        var taken = 0
        var isExhausted = false
        var lease: Task<Void, any Error>?

        var mustLease: Bool { used >= leased && !isExhausted }

        init(start: Timestamp) { self.start = start }
    }

    /// What is told with every answer.
    struct Standing: Sendable {
        let limit: Int
        let remaining: Int
        /// Seconds until the minute is over.
        let reset: Int
        let isAdmitted: Bool
    }

    private static let minute: Int64 = 60_000_000
    private static let capacity = 10_000

    private let rates: RateStore
    private var windows: [APIKey.ID: Window] = [:]

    init(_ rates: RateStore) { self.rates = rates }

    func admit(_ key: APIKey, now: Timestamp) async throws -> Standing {
        let window = self.window(of: key, at: now)
        while window.mustLease { try await lease(window, of: key, limit: key.ratePerMinute) }
        return count(key, in: window, now: now)
    }

    /// nil if a block must be leased first.
    func admitAtOnce(_ key: APIKey, now: Timestamp) -> Standing? {
        let window = self.window(of: key, at: now)
        return window.mustLease ? nil : count(key, in: window, now: now)
    }

    private func count(_ key: APIKey, in window: Window, now: Timestamp) -> Standing {
        let limit = key.ratePerMinute
        let isAdmitted = window.used < window.leased
        if isAdmitted { window.used += 1 }
        let left = Self.minute - (now.microseconds - window.start.microseconds)
        return Standing(
            limit: limit, remaining: max(0, limit - min(window.taken, limit) + window.leased - window.used),
            reset: Int((left + 999_999) / 1_000_000), isAdmitted: isAdmitted)
    }

    private func window(of key: APIKey, at now: Timestamp) -> Window {
        let start = Timestamp(microseconds: now.microseconds / Self.minute * Self.minute)
        if let window = windows[key.id], window.start == start { return window }
        if windows.count >= Self.capacity { windows = windows.filter { $0.value.start == start } }
        let window = Window(start: start)
        windows[key.id] = window
        return window
    }

    /// One lease at a time for a key; whoever needs one meanwhile waits for it.
    private func lease(_ window: Window, of key: APIKey, limit: Int) async throws {
        if let lease = window.lease { return try await lease.value }
        let lease = Task(executorPreference: EventLoop.shared) { try await self.take(window, of: key, limit: limit) }
        window.lease = lease
        defer { window.lease = nil }
        try await lease.value
    }

    private func take(_ window: Window, of key: APIKey, limit: Int) async throws {
        let block = max(1, limit / 10)
        let taken = try await rates.take(block, of: key.id, account: key.accountID, window: window.start, limit: limit)
        guard let taken else {
            window.taken = limit
            window.isExhausted = true
            return
        }
        window.leased += min(block, limit - (taken - block))
        window.taken = taken
    }
}

extension RateLimiter.Standing {
    /// The seeds' names and the draft standard's, which say the same.
    func write(to fields: inout HTTPFields) {
        fields["X-RateLimit-Limit"] = String(limit)
        fields["X-RateLimit-Remaining"] = String(remaining)
        fields["X-RateLimit-Reset"] = String(reset)
        fields["RateLimit-Policy"] = "\"default\";q=\(limit);w=60"
        fields["RateLimit"] = "\"default\";r=\(remaining);t=\(reset)"
    }
}
