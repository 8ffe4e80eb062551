import EventLoop

/// Whether the reader of an answer takes it in fast enough, judged by what its side has acknowledged: what the kernel
/// still holds is not read, however much it holds.
struct ReaderProgress: Sendable {
    /// Output waits for the reader.
    var isWaitedFor = false
    private var written = 0
    private var stretchStart = MonotonicTime(nanoseconds: 0)
    private var takenAtStart = 0

    mutating func wrote(_ count: Int, unacknowledged: Int?, now: MonotonicTime) {
        written += count
        guard let unacknowledged else { return isWaitedFor = false }
        guard !isWaitedFor else { return }
        isWaitedFor = true
        stretchStart = now
        takenAtStart = written - unacknowledged
    }

    func deadline(_ times: ServerTimes) -> MonotonicTime? {
        isWaitedFor ? stretchStart.advanced(by: times.writeIdle) : nil
    }

    /// Judges the stretch that is over, and begins the next.
    mutating func keepsUp(unacknowledged: Int, now: MonotonicTime, _ settings: ServerSettings) -> Bool {
        guard let deadline = deadline(settings.times), deadline <= now else { return true }
        let taken = written - unacknowledged
        let seconds = Double(now.nanoseconds - stretchStart.nanoseconds) / 1e9
        let owed = Double(settings.configuration.writeRate) * seconds
        guard Double(taken - takenAtStart) >= max(1, owed) else { return false }
        stretchStart = now
        takenAtStart = taken
        return true
    }
}
