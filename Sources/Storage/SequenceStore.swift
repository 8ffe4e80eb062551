package import Domain
import JSON
package import Postgres

/// Nurture sequences with their steps; `SequenceStore+Enrolments` has who goes through them.
package struct SequenceStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    private static let columns = """
        s.id, s.name, s.description, s.is_active, s.channel, s.exit_on_reply, s.exit_on_stage_change,
            (SELECT count(*) FROM sequence_enrolments e WHERE e.account_id = $1 AND e.sequence_id = s.id),
            (SELECT count(*) FROM sequence_enrolments e
             WHERE e.account_id = $1 AND e.sequence_id = s.id AND e.status = 'completed'),
            s.created_at, s.updated_at
        """

    static let selectAll = Statement(
        "sequence_list", "SELECT \(columns) FROM sequences s WHERE s.account_id = $1 ORDER BY s.id")
    static let selectOne = Statement(
        "sequence_get", "SELECT \(columns) FROM sequences s WHERE s.account_id = $1 AND s.id = $2")

    private static let stepColumns = "sequence_id, delay_minutes, type, config, is_active FROM sequence_steps"

    static let selectAllSteps = Statement(
        "sequence_step_list", "SELECT \(stepColumns) WHERE account_id = $1 ORDER BY sequence_id, position")
    static let selectSteps = Statement(
        "sequence_step_get", "SELECT \(stepColumns) WHERE account_id = $1 AND sequence_id = $2 ORDER BY position")

    package func all(of account: Account.ID) async throws -> [FollowUp] {
        let results = try await pool.read([
            (Self.selectAll, [.id(account)]), (Self.selectAllSteps, [.id(account)]),
        ])
        return try Self.sequences(results[0], steps: results[1])
    }

    package func get(_ id: FollowUp.ID, of account: Account.ID) async throws -> FollowUp? {
        let results = try await pool.read([
            (Self.selectOne, [.id(account), .id(id)]), (Self.selectSteps, [.id(account), .id(id)]),
        ])
        return try Self.sequences(results[0], steps: results[1]).first
    }

    static func sequences(_ rows: PostgresRows, steps: PostgresRows) throws -> [FollowUp] {
        var bySequence: [FollowUp.ID: [FollowUp.Step]] = [:]
        for row in steps {
            var r = RowReader(row)
            let sequence: FollowUp.ID = try r.id()
            bySequence[sequence, default: []].append(
                FollowUp.Step(
                    delayMinutes: Int(try r.int()), kind: try r.word(), config: try r.json(), isActive: try r.bool()))
        }
        return try rows.map { row in
            var r = RowReader(row)
            let id: FollowUp.ID = try r.id()
            return FollowUp(
                id: id, name: try r.text(), description: try r.textOrNil(), isActive: try r.bool(),
                channel: try r.word(), exitOnReply: try r.bool(), exitOnStageChange: try r.bool(),
                steps: bySequence[id] ?? [], enrolled: Int(try r.int()), completed: Int(try r.int()),
                createdAt: try r.timestamp(), updatedAt: try r.timestamp())
        }
    }
}
