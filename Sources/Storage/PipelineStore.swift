package import Domain
import JSON
package import Postgres

/// Pipelines and their stages.
package struct PipelineStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let columns = """
        p.id, p.name, s.id, s.name, s.color, s.is_won, s.is_lost, s.required_tasks
        FROM pipelines p
        LEFT JOIN stages s ON s.account_id = $1 AND s.pipeline_id = p.id
        """

    static let selectAll = Statement(
        "pipeline_list",
        """
        SELECT \(columns)
        WHERE p.account_id = $1
        ORDER BY p.position, p.id, s.position, s.id
        """)

    static let selectOne = Statement(
        "pipeline_get",
        """
        SELECT \(columns)
        WHERE p.account_id = $1 AND p.id = $2
        ORDER BY s.position, s.id
        """)

    package func all(of account: Account.ID) async throws -> [Pipeline] {
        try Self.pipelines(try await pool.read(Self.selectAll, [.id(account)]))
    }

    package func get(_ id: Pipeline.ID, of account: Account.ID) async throws -> Pipeline? {
        try Self.pipelines(try await pool.read(Self.selectOne, [.id(account), .id(id)])).first
    }

    /// Rows of `columns`, a stage each; a pipeline without stages has one row of nulls.
    static func pipelines(_ rows: PostgresRows) throws -> [Pipeline] {
        var pipelines: [Pipeline] = []
        for row in rows {
            var r = RowReader(row)
            let (id, name): (Pipeline.ID, String) = (try r.id(), try r.text())
            if pipelines.last?.id != id { pipelines.append(Pipeline(id: id, name: name, stages: [])) }
            guard let stage = try r.idOrNil(Stage.self) else { continue }
            pipelines[pipelines.count - 1].stages.append(
                Stage(
                    id: stage, name: try r.text(), color: try r.text(), isWon: try r.bool(), isLost: try r.bool(),
                    requiredTasks: try RequiredTask.list(try r.text())))
        }
        return pipelines
    }
}

extension RequiredTask {
    /// Of a stage's column.
    static func list(_ text: String) throws -> [RequiredTask] {
        guard text != "[]" else { return [] }
        return try JSONParser.parse(Array(text.utf8)).array?.compactMap(RequiredTask.init(json:)) ?? []
    }
}
