package import Domain
import JSON
import Postgres

@PostgresActor
extension SequenceStore {
    nonisolated static let lock = Statement(
        "sequence_lock", "SELECT 1 FROM sequences WHERE account_id = $1 AND id = $2 FOR UPDATE")

    /// For the length of the transaction nobody else changes the sequence, nor enters it.
    package func lock(_ id: FollowUp.ID, in write: WriteTransaction) async throws -> FollowUp? {
        let results = try await write.transaction.query([
            (Self.lock, [.id(write.account), .id(id)]), (Self.selectOne, [.id(write.account), .id(id)]),
            (Self.selectSteps, [.id(write.account), .id(id)]),
        ])
        return try Self.sequences(results[1], steps: results[2]).first
    }

    nonisolated static let selectTemplates = Statement(
        "sequence_templates", "SELECT id FROM templates WHERE account_id = $1 AND id = ANY ($2::bigint[])")

    /// Those of the templates that the account has.
    package func known(_ templates: [Template.ID], in write: WriteTransaction) async throws -> Set<Template.ID> {
        Set(
            try await write.transaction.query(
                Self.selectTemplates, [.id(write.account), .intArray(templates.map(\.rawValue))]
            ).map { Template.ID(try $0.int(0)) })
    }

    nonisolated static let insert = Statement(
        "sequence_insert",
        """
        INSERT INTO sequences (
            account_id, name, description, is_active, channel, exit_on_reply, exit_on_stage_change, created_at,
            updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        RETURNING id
        """)

    /// - Parameter sequence: its id and numbers are those of none yet.
    package func insert(_ sequence: FollowUp, in write: WriteTransaction) async throws -> FollowUp {
        let rows = try await write.transaction.query(
            Self.insert, [.id(write.account)] + Self.values(sequence) + [.time(write.now)])
        guard let row = rows.first else { throw StorageError.missing("the new sequence") }
        let id = FollowUp.ID(try row.int(0))
        try await insert(sequence.steps, into: id, in: write)
        write.audit(.create, of: .sequence, id.rawValue)
        return try await reread(id, in: write)
    }

    nonisolated static let update = Statement(
        "sequence_update",
        """
        UPDATE sequences SET
            name = $2, description = $3, is_active = $4, channel = $5, exit_on_reply = $6, exit_on_stage_change = $7,
            updated_at = $8
        WHERE account_id = $1 AND id = $9
        """)
    nonisolated static let deleteSteps = Statement(
        "sequence_step_delete", "DELETE FROM sequence_steps WHERE account_id = $1 AND sequence_id = $2")

    /// Who is on the way goes on by the number of the step done last.
    package func update(
        _ old: FollowUp, to sequence: FollowUp, in write: WriteTransaction
    ) async throws -> FollowUp {
        guard sequence != old else { return old }
        try await write.transaction.query(
            Self.update, [.id(write.account)] + Self.values(sequence) + [.time(write.now), .id(old.id)])
        if sequence.steps != old.steps {
            try await write.transaction.query(Self.deleteSteps, [.id(write.account), .id(old.id)])
            try await insert(sequence.steps, into: old.id, in: write)
        }
        write.audit(.update, of: .sequence, old.id.rawValue, changes: Self.changes(old, sequence))
        return try await reread(old.id, in: write)
    }

    nonisolated static let insertSteps = Statement(
        "sequence_step_insert",
        """
        INSERT INTO sequence_steps (account_id, sequence_id, position, delay_minutes, type, config, is_active)
        SELECT $1, $2, g.position, g.delay_minutes, g.type, g.config, g.is_active
        FROM unnest($3::integer[], $4::text[], $5::jsonb[], $6::boolean[]) WITH ORDINALITY
            AS g (delay_minutes, type, config, is_active, position)
        """)

    private func insert(_ steps: [FollowUp.Step], into id: FollowUp.ID, in write: WriteTransaction) async throws {
        guard !steps.isEmpty else { return }
        try await write.transaction.query(
            Self.insertSteps,
            [
                .id(write.account), .id(id), .intArray(steps.map { Int64($0.delayMinutes) }),
                .textArray(steps.map(\.kind.rawValue)), .jsonArray(steps.map { $0.config.serialized() }),
                .boolArray(steps.map(\.isActive)),
            ])
    }

    nonisolated static let countActive = Statement(
        "sequence_active",
        """
        SELECT count(*) FROM sequence_enrolments
        WHERE account_id = $1 AND sequence_id = $2 AND status = 'active'
        """)

    /// The leads that are on their way through it.
    package func activeCount(_ id: FollowUp.ID, in write: WriteTransaction) async throws -> Int {
        let rows = try await write.transaction.query(Self.countActive, [.id(write.account), .id(id)])
        return Int(try rows.first?.int(0) ?? 0)
    }

    nonisolated static let deleteEnrolments = Statement(
        "sequence_enrolment_delete", "DELETE FROM sequence_enrolments WHERE account_id = $1 AND sequence_id = $2")
    nonisolated static let delete = Statement(
        "sequence_delete", "DELETE FROM sequences WHERE account_id = $1 AND id = $2")

    /// With its steps and with the memory of who went through it.
    package func delete(_ id: FollowUp.ID, in write: WriteTransaction) async throws {
        try await write.transaction.query([
            (Self.deleteEnrolments, [.id(write.account), .id(id)]), (Self.deleteSteps, [.id(write.account), .id(id)]),
            (Self.delete, [.id(write.account), .id(id)]),
        ])
        write.audit(.delete, of: .sequence, id.rawValue)
    }

    private func reread(_ id: FollowUp.ID, in write: WriteTransaction) async throws -> FollowUp {
        let results = try await write.transaction.query([
            (Self.selectOne, [.id(write.account), .id(id)]), (Self.selectSteps, [.id(write.account), .id(id)]),
        ])
        guard let sequence = try Self.sequences(results[0], steps: results[1]).first else {
            throw StorageError.missing("the sequence")
        }
        return sequence
    }

    /// `$2` to `$7` of the statements.
    private static func values(_ sequence: FollowUp) -> [PostgresValue] {
        [
            .text(sequence.name), .word(sequence.description), .bool(sequence.isActive),
            .text(sequence.channel.rawValue), .bool(sequence.exitOnReply), .bool(sequence.exitOnStageChange),
        ]
    }

    private static func changes(_ old: FollowUp, _ new: FollowUp) -> JSONValue? {
        return .changes([
            ("name", .string(old.name), .string(new.name)),
            ("description", .text(old.description), .text(new.description)),
            ("is_active", .bool(old.isActive), .bool(new.isActive)),
            ("exit_on_reply", .bool(old.exitOnReply), .bool(new.exitOnReply)),
            ("exit_on_stage_change", .bool(old.exitOnStageChange), .bool(new.exitOnStageChange)),
            ("steps", .array(old.steps.map(\.json)), .array(new.steps.map(\.json))),
        ])
    }
}

extension FollowUp.Step {
    fileprivate var json: JSONValue {
        .object(
            JSONObject([
                ("delay_minutes", .number(JSONNumber(Int64(delayMinutes)))), ("type", .string(kind.rawValue)),
                ("config", config), ("is_active", .bool(isActive)),
            ]))
    }
}
