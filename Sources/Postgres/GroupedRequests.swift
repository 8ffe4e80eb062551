package import EventLoop

/// What several callers want of the database at the same moment, put into one request: they share what its statements
/// cost before their first row, and the flush of a commit.
///
/// A group forms of those who ask within one turn of the loop, and of those who come while as many groups as may be
/// are under way; nobody waits for others to come. Each caller is told what became of its own item. A group that the
/// server refuses is tried again one by one, so that nobody suffers from another's fault. A caller that goes away does
/// not stop the others: its item is carried out all the same.
@Reactor
package final class GroupedRequests<Item: Sendable, Answer: Sendable> {
    package enum Mode: Sendable {
        /// Reads; carried out once more if the connection breaks.
        case read
        /// Writes, in one transaction.
        case write
    }

    /// How items become statements, and their rows answers.
    package struct Form: Sendable {
        let mode: Mode
        let steps: @Sendable ([Item]) -> [(Statement, [PostgresValue])]
        let answers: @Sendable ([PostgresRows], [Item]) throws -> [Answer]
        let mayShare: @Sendable (Item, Item) -> Bool
        let precedes: @Sendable (Item, Item) -> Bool

        /// - Parameters:
        ///   - steps: for one or more items.
        ///   - answers: one for each item, in their order.
        ///   - mayShare: whether one request may serve both.
        ///   - precedes: an order that all callers share, so that groups lock the same rows in the same order.
        package init(
            _ mode: Mode, steps: @escaping @Sendable ([Item]) -> [(Statement, [PostgresValue])],
            answers: @escaping @Sendable ([PostgresRows], [Item]) throws -> [Answer],
            mayShare: @escaping @Sendable (Item, Item) -> Bool,
            precedes: @escaping @Sendable (Item, Item) -> Bool = { _, _ in false }
        ) {
            self.mode = mode
            self.steps = steps
            self.answers = answers
            self.mayShare = mayShare
            self.precedes = precedes
        }
    }

    /// A reference, because items are large and change hands often.
    private final class Caller: Sendable {
        let item: Item
        private let continuation: UnsafeContinuation<Result<Answer, any Error>, Never>

        init(_ item: Item, _ continuation: UnsafeContinuation<Result<Answer, any Error>, Never>) {
            self.item = item
            self.continuation = continuation
        }

        func finish(_ outcome: Result<Answer, any Error>) { continuation.resume(returning: outcome) }
    }

    private let pool: PostgresPool
    private let form: Form
    private let size: Int
    private let width: Int
    private var line: WaitingLine<Caller>
    private var impatience: LoopTimer?
    private var isDue = false
    private var underWay = 0

    /// - Parameters:
    ///   - size: how many items share one request at most.
    ///   - width: how many groups are under way at once: few make groups large, many make the wait short.
    nonisolated package init(_ pool: PostgresPool, _ form: Form, size: Int = 16, width: Int = 4) {
        self.pool = pool
        self.form = form
        self.size = size
        self.width = width
        line = WaitingLine(limit: pool.configuration.queueLimit, patience: pool.configuration.waitLimit)
    }

    /// Returns when the item is answered; one that is written is committed then.
    package func run(_ item: Item) async throws -> Answer {
        try await withUnsafeContinuation { submit(Caller(item, $0)) }.get()
    }

    private func submit(_ caller: Caller) {
        guard line.join(caller, now: .now) else {
            return caller.finish(.failure(Self.unavailable("too many callers wait")))
        }
        guard !isDue else { return }
        isDue = true
        EventLoop.shared.atEndOfTurn {
            self.isDue = false
            self.pump()
        }
    }

    private func pump() {
        while underWay < width, let group = nextGroup() { send(group) }
        watchLine()
    }

    private func nextGroup() -> [Caller]? {
        guard let first = line.next() else { return nil }
        var group = [first]
        while group.count < size,
            let next = line.leave(where: { caller in group.allSatisfy { form.mayShare($0.item, caller.item) } })
        {
            group.append(next)
        }
        return group.sorted { form.precedes($0.item, $1.item) }
    }

    private func send(_ group: [Caller]) {
        underWay += 1
        ask(group) { outcome in
            self.underWay -= 1
            self.settle(group, outcome)
            self.pump()
        }
    }

    private func settle(_ group: [Caller], _ outcome: Result<[PostgresRows], PostgresError>) {
        switch outcome {
        case .success(let rows):
            do {
                let answers = try form.answers(rows, group.map(\.item))
                guard answers.count == group.count else { throw Self.misshapen }
                for (caller, answer) in zip(group, answers) {
                    caller.finish(.success(answer))
                }
            } catch {
                for caller in group { caller.finish(.failure(error)) }
            }
        case .failure(let error)
        where group.count > 1 && (error.certainty == .rejected || error.code == .invalidParameter):
            for caller in group { ask([caller]) { self.settle([caller], $0) } }
        case .failure(let error):
            for caller in group { caller.finish(.failure(error)) }
        }
    }

    private func ask(
        _ group: [Caller], then completion: @escaping @Reactor (Result<[PostgresRows], PostgresError>) -> Void
    ) {
        let steps = form.steps(group.map(\.item))
        switch form.mode {
        case .read: pool.read(steps, then: completion)
        case .write: pool.transaction(steps, then: completion)
        }
    }

    // MARK: Waiting

    private func watchLine() {
        guard let deadline = line.earliestDeadline else {
            impatience?.cancel()
            impatience = nil
            return
        }
        guard impatience?.isPending != true else { return }
        impatience = EventLoop.shared.schedule(at: deadline) { self.expire() }
    }

    private func expire() {
        while let caller = line.nextExpired(now: .now) {
            caller.finish(.failure(Self.unavailable("no group was free in time")))
        }
        watchLine()
    }

    private static var misshapen: PostgresError {
        PostgresError(.decoding, certainty: .unknown, message: "not one answer for each item of a group")
    }

    private static func unavailable(_ message: String) -> PostgresError {
        PostgresError(.poolExhausted, certainty: .notSent, message: message)
    }
}
