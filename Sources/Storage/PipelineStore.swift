package import Domain
package import Postgres

/// Pipelines and their stages.
package struct PipelineStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let selectAny = Statement("pipeline_any", "SELECT 1 FROM pipelines WHERE account_id = $1 LIMIT 1")

    package func exists(of account: Account.ID) async throws -> Bool {
        try await !pool.read(Self.selectAny, [.id(account)]).isEmpty
    }

    static let insertPipeline = Statement(
        "pipeline_insert",
        """
        INSERT INTO pipelines (account_id, name, position, created_at)
        SELECT $1, $2, count(*) + 1, $3 FROM pipelines WHERE account_id = $1
        RETURNING id
        """)

    static let insertStages = Statement(
        "stage_insert",
        """
        INSERT INTO stages (account_id, pipeline_id, name, color, position, is_won, is_lost, created_at)
        SELECT $1, $2, s.name, s.color, s.position, s.name = $6, s.name = $7, $5
        FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS s (name, color, position)
        WHERE NOT EXISTS (SELECT 1 FROM stages WHERE account_id = $1 AND pipeline_id = $2)
        """)

    /// A pipeline with its stages in order; `won` and `lost` name the closing ones.
    package func create(
        _ name: String, stages: [(name: String, color: String)], won: String?, lost: String?, for account: Account.ID,
        now: Timestamp
    ) async throws {
        guard let row = try await pool.write(Self.insertPipeline, [.id(account), .text(name), .time(now)]).first else {
            throw StorageError.missing("the new pipeline")
        }
        _ = try await pool.write(
            Self.insertStages,
            [
                .id(account), .int(try row.int(0)), .textArray(stages.map(\.name)), .textArray(stages.map(\.color)),
                .time(now), .word(won), .word(lost),
            ])
    }
}
