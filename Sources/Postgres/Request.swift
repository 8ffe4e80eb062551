import EventLoop

/// One caller's statements, on their way through a pipeline.
@Reactor
final class Request {
    typealias Outcome = Result<[PostgresRows], PostgresError>

    let steps: [(Statement, [PostgresValue])]
    let mode: Pipeline<Request, PostgresRows>.Mode
    /// How often it was sent again.
    var reruns = 0
    private var continuation: UnsafeContinuation<Outcome, Never>?

    /// - Parameter continuation: resumed exactly once, by `finish`. Unsafe, because this is the hottest path there is.
    init(
        _ steps: [(Statement, [PostgresValue])], _ mode: Pipeline<Request, PostgresRows>.Mode,
        _ continuation: UnsafeContinuation<Outcome, Never>
    ) {
        self.steps = steps
        self.mode = mode
        self.continuation = continuation
    }

    func finish(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
    }
}
