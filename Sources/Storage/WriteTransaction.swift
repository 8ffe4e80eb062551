package import Domain
package import JSON
package import Postgres

/// Who asked for a write, as the audit log keeps it.
package struct Actor: Sendable {
    package let account: Account.ID
    /// nil: the operator at the command line.
    package let apiKeyID: APIKey.ID?
    package let requestID: String?

    package init(account: Account.ID, apiKeyID: APIKey.ID?, requestID: String?) {
        self.account = account
        self.apiKeyID = apiKeyID
        self.requestID = requestID
    }
}

/// One write in one transaction: its rows, its events, its line in the audit log, and the answer under its key.
@PostgresActor
package final class WriteTransaction {
    package nonisolated let actor: Actor
    package nonisolated let now: Timestamp
    nonisolated let transaction: PostgresTransaction
    /// Sent together at the end: nothing in the transaction depends on what they answer.
    private var records: [(Statement, [PostgresValue])] = []
    private var lines: [Line] = []

    private struct Line {
        let action: AuditEntry.Action
        let entity: AuditEntry.Entity
        let id: Int64
        let changes: JSONValue?
    }

    package nonisolated var account: Account.ID { actor.account }

    init(_ transaction: PostgresTransaction, actor: Actor, now: Timestamp) {
        self.transaction = transaction
        self.actor = actor
        self.now = now
    }

    /// - Parameter changes: `{"field": [before, after]}`; nil where the action says it all.
    package func audit(
        _ action: AuditEntry.Action, of entity: AuditEntry.Entity, _ id: Int64, changes: JSONValue? = nil
    ) {
        lines.append(Line(action: action, entity: entity, id: id, changes: changes))
    }

    func atEnd(_ statement: Statement, _ parameters: [PostgresValue]) { records.append((statement, parameters)) }

    func flush() async throws {
        if !lines.isEmpty { atEnd(AuditStore.insert, auditLines()) }
        guard !records.isEmpty else { return }
        try await transaction.query(records)
        (records, lines) = ([], [])
    }

    private func auditLines() -> [PostgresValue] {
        [
            .id(account), .time(now), .id(actor.apiKeyID), .word(actor.requestID),
            .textArray(lines.map(\.action.rawValue)), .textArray(lines.map(\.entity.rawValue)),
            .intArray(lines.map(\.id)), .jsonArray(lines.map { $0.changes?.serialized() }),
        ]
    }
}

extension JSONValue {
    /// `{"field": [before, after]}` of the fields that differ; nil when none does.
    static func changes(_ fields: [(String, JSONValue, JSONValue)]) -> JSONValue? {
        let changed = fields.filter { $0.1 != $0.2 }
        return changed.isEmpty ? nil : .object(JSONObject(changed.map { ($0.0, .array([$0.1, $0.2])) }))
    }
}

extension Database {
    /// The key was used before; what it was used for is committed.
    package struct KeyTaken: Error {}

    /// A write that no key is given for.
    @PostgresActor
    package func write<Result: Sendable>(
        by actor: Actor, now: Timestamp, _ body: @PostgresActor (WriteTransaction) async throws -> Result
    ) async throws -> Result {
        try await write(by: actor, under: nil, now: now, answer: { _ in .body(status: 0, []) }, body)
    }

    /// Commits when `body` returns; when it throws nothing has happened. `body` runs again when it lost a race.
    ///
    /// - Parameter answer: what the key shall answer with from now on.
    @PostgresActor
    package func write<Result: Sendable>(
        by actor: Actor, under claim: IdempotencyStore.Claim?, now: Timestamp,
        answer: (Result) throws -> IdempotencyStore.Answer,
        _ body: @PostgresActor (WriteTransaction) async throws -> Result
    ) async throws -> Result {
        var retry = TransactionRetry()
        while true {
            do {
                return try await pool.withTransaction { transaction in
                    let write = WriteTransaction(transaction, actor: actor, now: now)
                    if let claim {
                        let taken = try await transaction.query(
                            IdempotencyStore.insert,
                            IdempotencyStore.insertion(claim, of: actor.account, status: nil, body: nil, now: now))
                        guard !taken.isEmpty else { throw KeyTaken() }
                    }
                    let result = try await body(write)
                    if let claim {
                        let (statement, parameters) = IdempotencyStore.update(
                            claim, of: actor.account, to: try answer(result))
                        write.atEnd(statement, parameters)
                    }
                    try await write.flush()
                    return result
                }
            } catch {
                // Under a key even a commit whose answer was lost may be tried again: if it was carried out, the key is
                // taken. What a row refers to may have gone since it was looked at; the next look says so.
                let lostRace = error is LeadStore.LostRace || (error as? PostgresError)?.sqlState == "23503"
                try await retry.again(after: error, lostRace: lostRace, isRepeatable: claim != nil)
            }
        }
    }
}
