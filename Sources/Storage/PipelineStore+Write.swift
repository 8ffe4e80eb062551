package import Domain
import JSON
import Postgres

@PostgresActor
extension PipelineStore {
    /// A stage to make, in its place in the list.
    package struct NewStage: Sendable {
        package var name: String
        package var color: String
        package var isWon: Bool
        package var isLost: Bool
        package var requiredTasks: [RequiredTask]

        package init(
            name: String, color: String = "#64748b", isWon: Bool = false, isLost: Bool = false,
            requiredTasks: [RequiredTask] = []
        ) {
            self.name = name
            self.color = color
            self.isWon = isWon
            self.isLost = isLost
            self.requiredTasks = requiredTasks
        }
    }

    /// For the length of the transaction nobody else changes the pipeline or its stages.
    nonisolated static let lock = Statement(
        "pipeline_lock", "SELECT 1 FROM pipelines WHERE account_id = $1 AND id = $2 FOR UPDATE")

    package func lock(_ id: Pipeline.ID, in write: WriteTransaction) async throws -> Pipeline? {
        let results = try await write.transaction.query([
            (Self.lock, [.id(write.account), .id(id)]), (Self.selectOne, [.id(write.account), .id(id)]),
        ])
        return try Self.pipelines(results[1]).first
    }

    nonisolated static let insertPipeline = Statement(
        "pipeline_insert",
        """
        INSERT INTO pipelines (account_id, name, position, created_at)
        SELECT $1, $2, COALESCE(max(position), 0) + 1, $3 FROM pipelines WHERE account_id = $1
        RETURNING id
        """)

    /// The new stages follow those that are there.
    nonisolated static let insertStages = Statement(
        "stage_insert",
        """
        INSERT INTO stages (
            account_id, pipeline_id, name, color, position, is_won, is_lost, required_tasks, created_at)
        SELECT $1, $2, s.name, s.color, s.position + last.position, s.is_won, s.is_lost, s.required_tasks, $8
        FROM unnest($3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::jsonb[]) WITH ORDINALITY
                AS s (name, color, is_won, is_lost, required_tasks, position),
            (SELECT COALESCE(max(position), 0) AS position
             FROM stages WHERE account_id = $1 AND pipeline_id = $2) AS last
        RETURNING id
        """)

    package func insert(_ name: String, stages: [NewStage], in write: WriteTransaction) async throws -> Pipeline {
        let rows = try await write.transaction.query(
            Self.insertPipeline, [.id(write.account), .text(name), .time(write.now)])
        guard let row = rows.first else { throw StorageError.missing("the new pipeline") }
        let id = Pipeline.ID(try row.int(0))
        _ = try await insert(stages, into: id, in: write)
        write.audit(.create, of: .pipeline, id.rawValue)
        return try await reread(id, in: write)
    }

    package func insert(
        _ stages: [NewStage], into pipeline: Pipeline.ID, in write: WriteTransaction
    ) async throws -> [Stage.ID] {
        guard !stages.isEmpty else { return [] }
        return try await write.transaction.query(
            Self.insertStages,
            [
                .id(write.account), .id(pipeline), .textArray(stages.map(\.name)), .textArray(stages.map(\.color)),
                .boolArray(stages.map(\.isWon)), .boolArray(stages.map(\.isLost)),
                .jsonArray(stages.map { Self.text($0.requiredTasks) }), .time(write.now),
            ]
        ).map { Stage.ID(try $0.int(0)) }
    }

    nonisolated static let update = Statement(
        "pipeline_update", "UPDATE pipelines SET name = $3 WHERE account_id = $1 AND id = $2")

    package func rename(_ pipeline: Pipeline, to name: String, in write: WriteTransaction) async throws -> Pipeline {
        guard name != pipeline.name else { return pipeline }
        try await write.transaction.query(Self.update, [.id(write.account), .id(pipeline.id), .text(name)])
        write.audit(
            .update, of: .pipeline, pipeline.id.rawValue,
            changes: .changes([("name", .string(pipeline.name), .string(name))]))
        return try await reread(pipeline.id, in: write)
    }

    nonisolated static let updateStage = Statement(
        "stage_update",
        """
        UPDATE stages SET name = $4, color = $5, is_won = $6, is_lost = $7, required_tasks = $8
        WHERE account_id = $1 AND pipeline_id = $2 AND id = $3
        """)

    /// Writes all of the stage's own fields.
    package func update(
        _ old: Stage, to stage: Stage, of pipeline: Pipeline.ID, in write: WriteTransaction
    ) async throws {
        try await write.transaction.query(
            Self.updateStage,
            [
                .id(write.account), .id(pipeline), .id(stage.id), .text(stage.name), .text(stage.color),
                .bool(stage.isWon), .bool(stage.isLost), .json(Self.text(stage.requiredTasks)),
            ])
        write.audit(
            .update, of: .stage, stage.id.rawValue,
            changes: .changes([
                ("name", .string(old.name), .string(stage.name)), ("color", .string(old.color), .string(stage.color)),
                ("is_won", .bool(old.isWon), .bool(stage.isWon)), ("is_lost", .bool(old.isLost), .bool(stage.isLost)),
                (
                    "required_tasks", .array(old.requiredTasks.map(\.json)), .array(stage.requiredTasks.map(\.json))
                ),
            ]))
    }

    nonisolated static let reorderStages = Statement(
        "stage_reorder",
        """
        UPDATE stages s SET position = o.position
        FROM unnest($3::bigint[]) WITH ORDINALITY AS o (id, position)
        WHERE s.account_id = $1 AND s.pipeline_id = $2 AND s.id = o.id
        """)

    /// - Parameter stages: all of the pipeline's, in the order that they shall have.
    package func reorder(
        _ pipeline: Pipeline.ID, _ stages: [Stage.ID], in write: WriteTransaction
    ) async throws {
        try await write.transaction.query(
            Self.reorderStages, [.id(write.account), .id(pipeline), .intArray(stages.map(\.rawValue))])
        write.audit(.update, of: .pipeline, pipeline.rawValue)
    }

    nonisolated static let deleteStage = Statement(
        "stage_delete", "DELETE FROM stages WHERE account_id = $1 AND pipeline_id = $2 AND id = $3")
    nonisolated static let deleteStages = Statement(
        "stage_delete_all", "DELETE FROM stages WHERE account_id = $1 AND pipeline_id = $2")
    nonisolated static let deletePipeline = Statement(
        "pipeline_delete", "DELETE FROM pipelines WHERE account_id = $1 AND id = $2")

    nonisolated static let countLeads = Statement(
        "pipeline_leads",
        """
        SELECT count(*) FROM leads
        WHERE account_id = $1 AND pipeline_id = $2 AND ($3::bigint IS NULL OR stage_id = $3)
        """)

    /// The leads that are in the stage, or anywhere in the pipeline, archived ones among them.
    package func leadCount(
        _ pipeline: Pipeline.ID, stage: Stage.ID? = nil, in write: WriteTransaction
    ) async throws -> Int {
        let rows = try await write.transaction.query(
            Self.countLeads, [.id(write.account), .id(pipeline), .id(stage)])
        return Int(try rows.first?.int(0) ?? 0)
    }

    package func delete(_ stage: Stage.ID, of pipeline: Pipeline.ID, in write: WriteTransaction) async throws {
        try await write.transaction.query(Self.deleteStage, [.id(write.account), .id(pipeline), .id(stage)])
        write.audit(.delete, of: .stage, stage.rawValue)
    }

    package func delete(_ pipeline: Pipeline.ID, in write: WriteTransaction) async throws {
        try await write.transaction.query([
            (Self.deleteStages, [.id(write.account), .id(pipeline)]),
            (Self.deletePipeline, [.id(write.account), .id(pipeline)]),
        ])
        write.audit(.delete, of: .pipeline, pipeline.rawValue)
    }

    /// As it is now in the transaction.
    package func reread(_ id: Pipeline.ID, in write: WriteTransaction) async throws -> Pipeline {
        let rows = try await write.transaction.query(Self.selectOne, [.id(write.account), .id(id)])
        guard let pipeline = try Self.pipelines(rows).first else { throw StorageError.missing("the pipeline") }
        return pipeline
    }

    private static func text(_ tasks: [RequiredTask]) -> [UInt8] {
        JSONValue.array(tasks.map(\.json)).serialized()
    }
}
