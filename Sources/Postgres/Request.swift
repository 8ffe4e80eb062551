import EventLoop

/// One caller's statements, on their way through a pipeline.
@Reactor
final class Request {
    typealias Outcome = Result<[PostgresRows], PostgresError>

    let steps: [(Statement, [PostgresValue])]
    let mode: Pipeline<Request, PostgresRows>.Mode
    /// How often it was sent again.
    var reruns = 0
    /// Its caller no longer wants it: nothing of it is sent from here on.
    private(set) var isCancelled = false
    private var continuation: UnsafeContinuation<Outcome, Never>?
    private var completion: (@Reactor (Outcome) -> Void)?
    private var isBeingSubmitted = false
    /// The rows of its one statement go here as they come.
    let stream: PostgresRowStream?

    init(
        _ steps: [(Statement, [PostgresValue])], _ mode: Pipeline<Request, PostgresRows>.Mode,
        stream: PostgresRowStream? = nil
    ) {
        self.steps = steps
        self.mode = mode
        self.stream = stream
    }

    /// - Parameter continuation: resumed exactly once, by `finish`. Unsafe, because this is the hottest path there is.
    func await(_ continuation: UnsafeContinuation<Outcome, Never>) { self.continuation = continuation }

    /// - Parameter completion: called exactly once, by `finish`, and not before `submit` has returned.
    func submit(to group: LaneGroup, then completion: @escaping @Reactor (Outcome) -> Void) {
        self.completion = completion
        isBeingSubmitted = true
        group.submit(self)
        isBeingSubmitted = false
    }

    func finish(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
        let completion = completion
        self.completion = nil
        stream?.finish(outcome)
        guard let completion else { return }
        // What fails on the spot is told later too: a caller who still asks need not be ready for the answer.
        if isBeingSubmitted { EventLoop.shared.atEndOfTurn { completion(outcome) } } else { completion(outcome) }
    }

    /// True the first time.
    func cancel() -> Bool {
        defer { isCancelled = true }
        return !isCancelled
    }
}
