package import Domain
package import JSON
package import Postgres

/// One line of the audit log.
package struct AuditEntry: Sendable {
    package enum Action: String, Sendable, CaseIterable {
        case create, update, delete, restore, rotate, merge, unmerge, erase, retry, cancel, resolve, replay
    }

    /// What can be written, in the API's words.
    package enum Entity: String, Sendable, CaseIterable {
        case lead, contact, pipeline, stage
        case lostReason = "lost_reason"
        case account, user, task
        case customField = "custom_field"
        case apiKey = "api_key"
        case sequence
        case sequenceEnrolment = "sequence_enrolment"
        case media
        case instance
        case batch
        case leadImport = "import"
        case message
        case conversation
        case inboundEvent = "inbound_event"
    }

    package let id: Int64
    package let at: Timestamp
    package let apiKeyID: APIKey.ID?
    package let requestID: String?
    package let action: String
    package let entity: String
    package let entityID: Int64?
    package let changes: JSONValue?
}

/// Who changed what.
package struct AuditStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// A line for each thing that one write wrote.
    static let insert = Statement(
        "audit_insert",
        """
        INSERT INTO audit_log (account_id, at, api_key_id, request_id, action, entity, entity_id, changes)
        SELECT $1, $2, $3, $4, r.entity || '.' || r.action, r.entity, r.entity_id, r.changes
        FROM unnest($5::text[], $6::text[], $7::bigint[], $8::jsonb[]) WITH ORDINALITY
            AS r (action, entity, entity_id, changes, position)
        ORDER BY r.position
        """)

    /// The line of an operator's write, in the statement that writes: one for each row of `rows`, which has its `id`.
    ///
    /// - Parameters:
    ///   - account: the account, in SQL.
    ///   - changes: `{"field": [before, after]}`, in SQL.
    static func operatorLine(
        _ action: AuditEntry.Action, of entity: AuditEntry.Entity, each rows: String, account: String = "$1",
        at: String, changes: String = "NULL"
    ) -> String {
        """
        INSERT INTO audit_log (account_id, at, action, entity, entity_id, changes)
            SELECT \(account), \(at), '\(entity.rawValue).\(action.rawValue)', '\(entity.rawValue)', id, \(changes)
            FROM \(rows)
        """
    }

    /// What a reading of the log is narrowed by.
    package struct Filter: Sendable {
        package var entity: String?
        package var entityID: Int64?
        package var apiKeyID: Int64?
        package var from: Timestamp?
        package var to: Timestamp?

        package init() {}

        func conditions(_ account: Account.ID) -> Conditions {
            var conditions = Conditions(account)
            if let entity { conditions.add("entity", "entity = ", .text(entity)) }
            if let entityID { conditions.add("id", "entity_id = ", .int(entityID)) }
            if let apiKeyID { conditions.add("key", "api_key_id = ", .int(apiKeyID)) }
            if let from { conditions.add("from", "at >= ", .time(from)) }
            if let to { conditions.add("to", "at < ", .time(to)) }
            return conditions
        }
    }

    static func selectPage(_ conditions: Conditions) -> Statement {
        conditions.statement("audit_page") {
            """
            SELECT id, at, api_key_id, request_id, action, entity, entity_id, changes
            FROM audit_log
            WHERE \($0)
            ORDER BY id DESC
            """
        }
    }

    /// Newest first, those below `before`.
    package func list(
        _ filter: Filter, of account: Account.ID, before: Int64?, limit: Int
    ) async throws -> [AuditEntry] {
        var conditions = filter.conditions(account)
        if let before { conditions.add("before", "id < ", .int(before)) }
        conditions.limit(limit)
        return try await pool.read(Self.selectPage(conditions), conditions.parameters).map { row in
            var r = RowReader(row)
            return AuditEntry(
                id: try r.int(), at: try r.timestamp(), apiKeyID: try r.idOrNil(), requestID: try r.textOrNil(),
                action: try r.text(), entity: try r.text(), entityID: try r.intOrNil(), changes: try r.jsonOrNil())
        }
    }
}
