/// What one connection has sent and what is to come back for it, in order.
///
/// A *request* is one or more steps that succeed or fail together for their caller. A *batch* is what ends with one
/// Sync: to the server it is one transaction, and an error in it skips all that follows up to the Sync. Reads of many
/// callers share a batch, so those that only suffered from another's error are to be run again; a write has a batch
/// of its own.
struct Pipeline<Request, Value> {
    enum Mode: Sendable, Hashable {
        case read
        case write
    }

    /// What the server answered to the next command.
    enum Event {
        case value(Value)
        case failure(PostgresError)
        /// Hit by what was meant to stop another.
        case stray(PostgresError)
        /// Skipped because of an earlier error in its batch.
        case aborted
        case sync
    }

    enum Outcome {
        case success([Value])
        case failure(PostgresError)
        /// Not carried out, through no fault of its own: safe to run again.
        case rerun(PostgresError)
    }

    struct Settlement {
        let request: Request
        let outcome: Outcome
    }

    private enum Entry {
        case prepare(Statement, request: Int)
        case step(Statement, request: Int)
    }

    private struct Pending {
        let request: Request
        let mode: Mode
        var stepsLeft = 0
        var values: [Value] = []
        /// Why it will not succeed, once that is known.
        var verdict: Outcome?
        var isSettled = false
    }

    private struct Batch {
        var requests: [Pending] = []
        var entries: [Entry] = []
        /// The entry that the next event answers; behind the last stands the Sync.
        var cursor = 0
        var isSealed = false
    }

    private enum Preparation {
        case sent
        case done
    }

    /// Whether statements are prepared under their names; otherwise each execution carries its text.
    private let prepares: Bool
    private var batches = FIFO<Batch>()
    private var preparations: [Statement: Preparation] = [:]
    /// Requests that are not settled yet.
    private(set) var inFlight = 0
    /// The connection remembers plans that no longer fit the tables, or its server takes no writes: use it for
    /// nothing new.
    private(set) var isStale = false

    init(prepares: Bool = true) { self.prepares = prepares }

    var isAwaitingAnswers: Bool { !batches.isEmpty }

    /// Whose statement the server is at, as far as its answers tell.
    var current: Request? {
        guard let batch = batches.first, batch.cursor < batch.entries.count else { return nil }
        switch batch.entries[batch.cursor] {
        case .prepare(_, let request), .step(_, let request): return batch.requests[request].request
        }
    }

    // MARK: Sending

    /// Begins a request; a read joins the batch that is still open.
    mutating func begin(_ request: Request, _ mode: Mode) {
        inFlight += 1
        let pending = Pending(request: request, mode: mode)
        let joined = batches.withLast { batch in
            guard !batch.isSealed else { return false }
            batch.requests.append(pending)
            return true
        }
        if joined != true { batches.append(Batch(requests: [pending])) }
    }

    /// Adds a step to the request begun last; true if the statement must be prepared in front of it.
    mutating func step(_ statement: Statement) -> Bool {
        let mustPrepare = prepares && statement.isPrepared && preparations[statement] == nil
        if mustPrepare { preparations[statement] = .sent }
        _ = batches.withLast { batch in
            let request = batch.requests.count - 1
            if mustPrepare { batch.entries.append(.prepare(statement, request: request)) }
            batch.entries.append(.step(statement, request: request))
            batch.requests[request].stepsLeft += 1
        }
        return mustPrepare
    }

    /// As `step`, of a statement that is not prepared.
    mutating func unpreparedStep(_ statement: Statement) {
        _ = batches.withLast { batch in
            let request = batch.requests.count - 1
            batch.entries.append(.step(statement, request: request))
            batch.requests[request].stepsLeft += 1
        }
    }

    /// Ends the open batch: its Sync was sent.
    mutating func seal() {
        _ = batches.withLast { $0.isSealed = true }
    }

    // MARK: Receiving

    mutating func receive(_ event: Event, into settlements: inout [Settlement]) throws(PostgresError) {
        if case .sync = event { return try finishBatch(into: &settlements) }
        guard var batch = batches.borrowFirst() else { throw Self.unexpected }
        defer { batches.putBack(batch) }
        guard batch.cursor < batch.entries.count else {
            // Behind the last statement comes the commit, which can fail too (deferred constraints).
            let verdict: Outcome
            switch event {
            case .failure(let error): verdict = .failure(error)
            case .stray(let error): verdict = .rerun(error)
            default: throw Self.unexpected
            }
            for index in batch.requests.indices where batch.requests[index].verdict == nil {
                batch.requests[index].verdict = verdict
            }
            return
        }
        let entry = batch.entries[batch.cursor]
        batch.cursor += 1
        switch entry {
        case .prepare(let statement, let request):
            notePreparation(of: statement, event)
            if case .value = event { return }
            judge(&batch.requests[request], event, statement: nil)
        case .step(let statement, let request):
            judge(&batch.requests[request], event, statement: statement)
            if let settlement = settleEarly(&batch.requests[request]) {
                inFlight -= 1
                settlements.append(settlement)
            }
        }
    }

    /// The connection is gone: what becomes of everything on it.
    mutating func lose(_ error: PostgresError) -> [Settlement] {
        var settlements: [Settlement] = []
        while let batch = batches.popFirst() {
            for pending in batch.requests where !pending.isSettled {
                settlements.append(Settlement(request: pending.request, outcome: Self.loss(of: pending, batch, error)))
            }
        }
        preparations = [:]
        inFlight = 0
        return settlements
    }

    private static func loss(of pending: Pending, _ batch: Batch, _ error: PostgresError) -> Outcome {
        if let verdict = pending.verdict { return verdict }
        var error = error
        // Without its Sync a batch cannot have been committed.
        error.certainty = batch.isSealed ? .unknown : .notSent
        // What had time enough once is not given it again.
        return pending.mode == .read && error.code != .timeout ? .rerun(error) : .failure(error)
    }

    private mutating func notePreparation(of statement: Statement, _ event: Event) {
        if case .value = event { preparations[statement] = .done } else { preparations[statement] = nil }
    }

    /// - Parameter statement: the one that was executed; nil while it was being prepared.
    private mutating func judge(_ pending: inout Pending, _ event: Event, statement: Statement?) {
        if statement != nil { pending.stepsLeft -= 1 }
        guard pending.verdict == nil else { return }
        switch event {
        case .value(let value): pending.values.append(value)
        case .failure(let error):
            guard let statement else {
                pending.verdict = .failure(error)
                return
            }
            switch error.meaning {
            case .unprepared:
                // Its preparation was skipped in an earlier batch, or the server forgot it. If it is being prepared
                // again already, that one will count.
                if preparations[statement] == .done { preparations[statement] = nil }
                pending.verdict = .rerun(error)
            case .stalePlan, .readOnly:
                // A migration changed a table under a prepared statement; or the server became a standby.
                isStale = true
                pending.verdict = .rerun(error)
            default:
                pending.verdict = .failure(error)
            }
        case .stray(let error): pending.verdict = .rerun(error)
        case .aborted: pending.verdict = .rerun(Self.skipped)
        case .sync: break
        }
    }

    /// A read's answer counts when it is there; a write's only when the Sync has committed it.
    private func settleEarly(_ pending: inout Pending) -> Settlement? {
        guard pending.mode == .read, pending.stepsLeft == 0, !pending.isSettled, pending.verdict == nil else {
            return nil
        }
        pending.isSettled = true
        return Settlement(request: pending.request, outcome: .success(pending.values))
    }

    private mutating func finishBatch(into settlements: inout [Settlement]) throws(PostgresError) {
        // Looked at before it is taken off: what is out of step is settled with the connection.
        guard let first = batches.first, first.isSealed, first.cursor == first.entries.count,
            let batch = batches.popFirst()
        else { throw Self.unexpected }
        for pending in batch.requests where !pending.isSettled {
            inFlight -= 1
            let outcome = pending.verdict ?? .success(pending.values)
            settlements.append(Settlement(request: pending.request, outcome: outcome))
        }
    }

    private static var skipped: PostgresError {
        PostgresError(.server("25P02"), certainty: .rejected, message: "skipped", sqlState: "25P02")
    }

    private static var unexpected: PostgresError {
        PostgresError(.connectionLost, certainty: .unknown, message: "the server's answers are out of step")
    }
}
