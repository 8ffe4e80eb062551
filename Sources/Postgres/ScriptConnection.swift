import EventLoop

/// A connection outside pipeline mode, one command after the other: only so can one command hold many statements.
@Reactor
final class ScriptConnection: ReadinessHandler {
    private enum Command {
        case script(String)
        case prepare(Statement)
        case execute(Statement, [PostgresValue])
        case executeUnprepared(Statement, [PostgresValue])
    }

    private let prepares: Bool
    private var handle: ConnectionHandle?
    private var registration: Registration?
    private var prepared: Set<Statement> = []
    private var last: QueryResult?
    private var failure: PostgresError?
    private var continuation: CheckedContinuation<Result<QueryResult?, PostgresError>, Never>?

    init(_ configuration: PostgresConfiguration) async throws(PostgresError) {
        prepares = !configuration.isPooled
        let options = try ConnectionOptions(configuration, .migration)
        let handle = try await Connector.connect(options, timeout: configuration.connectTimeout)
        guard handle.enterNonBlockingMode() else {
            throw PostgresError(.connectFailed, certainty: .notSent, message: handle.errorMessage)
        }
        self.handle = handle
        do {
            registration = try EventLoop.shared.register(handle.descriptor, .read, self)
        } catch {
            throw PostgresError(.connectFailed, certainty: .notSent, message: "\(error)")
        }
    }

    var isInTransaction: Bool { handle?.isInTransaction ?? false }

    /// Runs any number of statements; those outside `BEGIN` and `COMMIT` are one transaction.
    func run(_ script: String) async throws(PostgresError) { _ = try await perform(.script(script)) }

    func query(_ statement: Statement, _ values: [PostgresValue] = []) async throws(PostgresError) -> PostgresRows {
        try Parameters.check(values)
        if prepares, !prepared.contains(statement) {
            _ = try await perform(.prepare(statement))
            prepared.insert(statement)
        }
        let command = prepares ? Command.execute(statement, values) : .executeUnprepared(statement, values)
        guard let result = try await perform(command) else { throw lost("no answer") }
        return PostgresRows(result)
    }

    func close() {
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
        handle = nil
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: .failure(lost("closed")))
    }

    func ready(_ readiness: Readiness) {
        guard let handle else { return }
        var isAlive = false
        repeat {
            isAlive = handle.consumeInput()
            take(from: handle)
        } while isAlive && handle.hasUnreadInput
        guard isAlive, !handle.hasFailed else { return close() }
        flush()
    }

    private func take(from handle: ConnectionHandle) {
        while continuation != nil, !handle.isBusy {
            guard let result = handle.nextResult() else { return finish() }
            if result.status == .rows {
                last = result
            } else {
                failure = failure ?? result.serverError ?? lost(result.errorMessage)
            }
        }
    }

    private func perform(_ command: Command) async throws(PostgresError) -> QueryResult? {
        guard let handle, continuation == nil else { throw lost("the connection was lost") }
        last = nil
        failure = nil
        let isSent =
            switch command {
            case .script(let sql): handle.sendScript(sql)
            case .prepare(let statement): handle.sendPrepare(statement)
            case .execute(let statement, let values): handle.send(statement, values)
            case .executeUnprepared(let statement, let values): handle.sendUnnamed(statement, values)
            }
        guard isSent else { throw lost(handle.errorMessage) }
        let result = await withCheckedContinuation { continuation in
            self.continuation = continuation
            flush()
        }
        return try result.get()
    }

    private func flush() {
        guard let handle, let registration else { return }
        guard let done = handle.flush() else { return close() }
        EventLoop.shared.update(registration, done ? .read : [.read, .write])
    }

    private func finish() {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: failure.map { .failure($0) } ?? .success(last))
        last = nil
        failure = nil
    }

    private func lost(_ message: String) -> PostgresError {
        PostgresError(.connectionLost, certainty: .unknown, message: message)
    }
}
