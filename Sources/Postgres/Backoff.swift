/// How long to wait before the next attempt to connect: 50 ms doubled up to 2 s, less a random half, so that many
/// connections lost together do not come back together.
struct Backoff: Sendable, Hashable {
    private var failures = 0

    mutating func reset() { failures = 0 }

    mutating func next(random: Double = .random(in: 0...1)) -> Duration {
        let milliseconds = min(2000, 50 << min(failures, 6))
        failures += 1
        return .microseconds(Int64(Double(milliseconds * 1000) * (1 - random / 2)))
    }
}
