/// When a worker that ended by itself is started again: at once the first time, ever later while it keeps ending.
struct RestartPolicy: Sendable {
    private static let first = Duration.milliseconds(100)
    private static let longest = Duration.seconds(10)
    /// A worker that lived so long had started well: its end is a new matter.
    private static let goodLife = Duration.seconds(60)

    private var failures = 0

    mutating func delay(afterLife life: Duration) -> Duration {
        if life >= Self.goodLife { failures = 0 }
        defer { failures += 1 }
        // Doubled seven times it is beyond the longest.
        return min(Self.first * (1 << min(failures, 7)), Self.longest)
    }
}
