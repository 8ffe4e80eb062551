import EventLoop
import Telemetry

/// Tells the other processes in blocks what this one keeps to itself: after a while, at once where it presses, and one
/// report at a time.
@Reactor
final class BlockTeller<Report: Sendable, Answer: Sendable> {
    /// What there is to tell, if anything, and what becomes of it.
    struct Form {
        /// For the log, when a report could not be made.
        let event: StaticString
        /// How long something is kept to oneself at most.
        let interval: Duration
        /// Nil while there is nothing to tell.
        let report: @Reactor () -> Report?
        let tell: @Reactor @Sendable (Report) async throws -> Answer
        /// Hears nil when the others could not be told.
        let told: @Reactor (Report, Answer?) -> Void
    }

    private let form: Form
    private var timer: LoopTimer?
    private var telling: Task<Bool, Never>?
    private var isTelling = false
    private var isStopped = false
    /// The last report could not be made: the next one is no hurry.
    private(set) var isUnheard = false

    init(_ form: Form) { self.form = form }

    func tellSoon(isPressing: Bool) {
        if isPressing, !isTelling, !isUnheard { return tellAtOnce() }
        guard timer == nil, !isStopped else { return }
        timer = EventLoop.shared.schedule(after: form.interval) {
            self.timer = nil
            self.spawnReport()
        }
    }

    /// Unless a report is under way.
    func tellAtOnce() {
        if !isTelling { spawnReport() }
    }

    private func spawnReport() {
        spawn { _ = await self.tell() }
    }

    /// Whether what there is to tell was heard.
    func tell() async -> Bool {
        if let telling { return await telling.value }
        guard let report = form.report() else { return true }
        isTelling = true
        let telling = spawn { await self.tell(report) }
        // It may be over already.
        if isTelling { self.telling = telling }
        return await telling.value
    }

    private func tell(_ report: Report) async -> Bool {
        var answer: Answer?
        do {
            answer = try await form.tell(report)
        } catch {
            Log.shared.warning(form.event, ["error": .string("\(error)")])
        }
        (isTelling, telling, isUnheard) = (false, nil, answer == nil)
        form.told(report, answer)
        return answer != nil
    }

    /// Nothing is told by itself any more.
    func stop() {
        isStopped = true
        timer?.cancel()
        timer = nil
    }
}
