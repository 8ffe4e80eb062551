package import Domain
package import JSON
package import Postgres

/// Templates to many as they are read; `BatchStore+Make` writes them down, `BatchStore+Work` works them off.
package struct BatchStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// What every read of a batch selects, in the order that `batch(_:)` reads; of `batches` as `b`.
    static let columns = """
        b.id, b.name, b.status, b.content,
        (SELECT t.name FROM templates t WHERE t.account_id = $1 AND t.id = (b.content ->> 'template_id')::bigint),
        (SELECT t.language FROM templates t WHERE t.account_id = $1 AND t.id = (b.content ->> 'template_id')::bigint),
        b.total, b.pending, b.queued, b.refused, b.skipped, b.canceled, b.pause_reason,
        b.api_key_id, b.start_at, b.valid_until, b.created_at, b.started_at, b.finished_at
        """

    /// Never inlined: inside an async function the optimiser of Swift 6.3.1 crashes on it ("splitting coroutine").
    @inline(never)
    static func batch(_ row: PostgresRow) throws -> SendBatch {
        var r = RowReader(row)
        let id: SendBatch.ID = try r.id()
        let (name, status): (String?, SendBatch.Status) = (try r.textOrNil(), try r.word())
        let content = try r.json()
        let template = SendBatch.ChosenTemplate(
            id: content["template_id"]?.int64.map { Template.ID($0) },
            name: try r.textOrNil() ?? content["template"]?["name"]?.string,
            language: try r.textOrNil() ?? content["template"]?["language"]?.string)
        let total = Int(try r.int())
        var counts: [SendBatch.RecipientState: Int] = [:]
        for state in SendBatch.RecipientState.allCases { counts[state] = Int(try r.int()) }
        let reason = try r.textOrNil().flatMap(SendBatch.PauseReason.init)
        return SendBatch(
            id: id, name: name, status: status, template: template,
            instanceID: content["instance_id"]?.int64.map { Instance.ID($0) }, total: total, counts: counts,
            pauseReason: reason, apiKeyID: try r.id(), startAt: try r.timestamp(), validUntil: try r.timestampOrNil(),
            createdAt: try r.timestamp(), startedAt: try r.timestampOrNil(), finishedAt: try r.timestampOrNil())
    }

    /// Who looks: a key bound to instances sees the batches that go out by its own alone.
    package struct Viewer: Sendable {
        let account: Account.ID
        let instances: Set<Instance.ID>?

        package init(_ account: Account.ID, seeing instances: Set<Instance.ID>?) {
            self.account = account
            self.instances = instances
        }

        var bound: PostgresValue { .ids(instances) }
    }

    static let selectOne = Statement(
        "batch_get",
        """
        SELECT \(columns)
        FROM batches b
        WHERE b.account_id = $1 AND b.id = $2 AND COALESCE(b.instance_ids <@ $3::bigint[], $3::bigint[] IS NULL)
        """)

    static let selectMessageStatuses = Statement(
        "batch_message_statuses",
        """
        SELECT m.status, count(*)
        FROM batch_recipients r
        CROSS JOIN LATERAL (
            SELECT e.status FROM messages e WHERE e.account_id = $1 AND e.id = r.message_id LIMIT 1
        ) m
        WHERE r.account_id = $1 AND r.batch_id = $2 AND r.state = 'queued'
        GROUP BY m.status
        """)

    static let selectCodes = Statement(
        "batch_codes",
        """
        SELECT r.code, count(*)
        FROM batch_recipients r
        WHERE r.account_id = $1 AND r.batch_id = $2 AND r.state = ANY (ARRAY['refused', 'skipped'])
        GROUP BY r.code
        ORDER BY count(*) DESC, r.code
        """)

    /// How far a batch is.
    package struct Progress: Sendable {
        package let batch: SendBatch
        /// Of the recipients that have a message.
        package let messages: [MessageStatus: Int]
        /// Of those that have none, refused or skipped; the most frequent first.
        package let codes: [(code: String, count: Int)]

        package init(batch: SendBatch, messages: [MessageStatus: Int], codes: [(code: String, count: Int)]) {
            self.batch = batch
            self.messages = messages
            self.codes = codes
        }
    }

    package func progress(_ id: SendBatch.ID, for viewer: Viewer) -> Query<Progress?> {
        Query([
            (Self.selectOne, [.id(viewer.account), .id(id), viewer.bound]),
            (Self.selectMessageStatuses, [.id(viewer.account), .id(id)]),
            (Self.selectCodes, [.id(viewer.account), .id(id)]),
        ]) { results in
            guard let row = results[0].first else { return nil }
            var messages: [MessageStatus: Int] = [:]
            for row in results[1] {
                var r = RowReader(row)
                let status: MessageStatus = try r.word()
                messages[status] = Int(try r.int())
            }
            let codes = try results[2].map { (code: try $0.textOrNil(0) ?? "", count: Int(try $0.int(1))) }
            return Progress(batch: try Self.batch(row), messages: messages, codes: codes)
        }
    }

    static func selectPage(_ conditions: Conditions) -> Statement {
        conditions.statement("batch_page") {
            """
            SELECT \(columns)
            FROM batches b
            WHERE \($0)
            ORDER BY b.id DESC
            """
        }
    }

    static func conditions(_ status: SendBatch.Status?, before: Int64?, _ viewer: Viewer) -> Conditions {
        var conditions = Conditions(viewer.account, column: "b.account_id")
        if let status { conditions.add("status", "b.status = ", .text(status.rawValue)) }
        if let before { conditions.add("before", "b.id < ", .int(before)) }
        if viewer.instances != nil { conditions.add("bound", "b.instance_ids <@ ", viewer.bound, after: "::bigint[]") }
        return conditions
    }

    /// Newest first, those below `before`.
    package func list(
        _ status: SendBatch.Status?, for viewer: Viewer, before: Int64?, limit: Int
    ) -> Query<[SendBatch]> {
        var conditions = Self.conditions(status, before: before, viewer)
        conditions.limit(limit)
        return Query([(Self.selectPage(conditions), conditions.parameters)]) { try $0[0].map(Self.batch) }
    }

    /// One line of the ledger.
    package struct Entry: Sendable {
        package let place: Int64
        package let leadID: Lead.ID
        package let state: SendBatch.RecipientState
        package let code: String?
        /// `code`, `message`, `details`, of those that were refused or skipped.
        package let report: JSONValue?
        package let clientReference: String?
        package let messageID: Message.ID?
        package let messageStatus: MessageStatus?
        package let decidedAt: Timestamp?
    }

    static func selectEntries(_ conditions: Conditions) -> Statement {
        conditions.statement("batch_recipients") {
            """
            SELECT r.place, r.lead_id, r.state, r.code, r.report, r.client_reference, r.message_id,
                (SELECT m.status FROM messages m WHERE m.account_id = $1 AND m.id = r.message_id), r.decided_at
            FROM batch_recipients r
            WHERE \($0)
            ORDER BY r.place
            """
        }
    }

    static func conditions(
        _ state: SendBatch.RecipientState?, of id: SendBatch.ID, after: Int64?, _ account: Account.ID
    ) -> Conditions {
        var conditions = Conditions(account, column: "r.account_id")
        conditions.add("of", "r.batch_id = ", .id(id))
        if let state { conditions.add("state", "r.state = ", .text(state.rawValue)) }
        if let after { conditions.add("after", "r.place > ", .int(after)) }
        return conditions
    }

    /// In the order of the request; nil when there is no such batch.
    package func recipients(
        of id: SendBatch.ID, _ state: SendBatch.RecipientState?, for viewer: Viewer, after: Int64?, limit: Int
    ) -> Query<[Entry]?> {
        var conditions = Self.conditions(state, of: id, after: after, viewer.account)
        conditions.limit(limit)
        return Query([
            (Self.selectOne, [.id(viewer.account), .id(id), viewer.bound]),
            (Self.selectEntries(conditions), conditions.parameters),
        ]) { results in
            guard results[0].first != nil else { return nil }
            return try results[1].map(Self.entry)
        }
    }

    @inline(never)
    private static func entry(_ row: PostgresRow) throws -> Entry {
        var r = RowReader(row)
        return Entry(
            place: try r.int(), leadID: try r.id(), state: try r.word(), code: try r.textOrNil(),
            report: try r.jsonOrNil(), clientReference: try r.textOrNil(), messageID: try r.idOrNil(),
            messageStatus: try r.textOrNil().flatMap(MessageStatus.init), decidedAt: try r.timestampOrNil())
    }
}
