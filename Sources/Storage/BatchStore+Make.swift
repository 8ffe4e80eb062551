package import Domain
package import JSON
import Postgres

@PostgresActor
extension BatchStore {
    /// A batch that was judged, ready to be written.
    package struct New: Sendable {
        package var name: String?
        /// `template_id` or `template`, `instance_id`, `header_media`, `sent_by`.
        package var content: JSONObject
        package var variables: JSONValue?
        /// That it may go out by; nil is any.
        package var instances: Set<Instance.ID>?
        /// That its maker sees; nil is all.
        package var visible: Set<Instance.ID>?
        package var startAt: Timestamp
        package var validUntil: Timestamp?
        package var language: String

        package init(
            name: String?, content: JSONObject, variables: JSONValue?, instances: Set<Instance.ID>?,
            visible: Set<Instance.ID>?, startAt: Timestamp, validUntil: Timestamp?, language: String
        ) {
            self.name = name
            self.content = content
            self.variables = variables
            self.instances = instances
            self.visible = visible
            self.startAt = startAt
            self.validUntil = validUntil
            self.language = language
        }
    }

    /// Why a recipient has no message.
    package struct Refusal: Sendable {
        package let code: String
        /// `code`, `message`, `details`.
        package let report: JSONValue

        package init(code: String, report: JSONValue) {
            self.code = code
            self.report = report
        }
    }

    /// A recipient as the request named them, with the verdict of the creation.
    package struct NewRecipient: Sendable {
        package var leadID: Lead.ID
        package var variables: JSONValue?
        package var clientReference: String?
        package var refusal: Refusal?

        package init(leadID: Lead.ID, variables: JSONValue?, clientReference: String?, refusal: Refusal?) {
            self.leadID = leadID
            self.variables = variables
            self.clientReference = clientReference
            self.refusal = refusal
        }
    }

    nonisolated static let insert = Statement(
        "batch_insert",
        """
        INSERT INTO batches AS b (
            account_id, name, status, content, variables, instance_ids, key_instance_ids, start_at, valid_until, language, api_key_id,
            request_id, total, pending, refused, turn_at, created_at, finished_at)
        VALUES (
            $1, $2, CASE WHEN $14::integer > 0 THEN 'queued' ELSE 'completed' END, $3,
            CASE WHEN $14::integer > 0 THEN $4::json END, $5, $6, $7, $8, $9, $10, $11, $13::integer + $14::integer,
            $14::integer, $13::integer, $12, $12, CASE WHEN $14::integer = 0 THEN $12::timestamptz END)
        RETURNING \(columns)
        """)

    nonisolated static let insertRecipients = Statement(
        "batch_recipients_insert",
        """
        INSERT INTO batch_recipients (
            account_id, batch_id, place, lead_id, state, code, report, variables, client_reference, decided_at)
        SELECT $1, $2, r.place, r.lead_id, CASE WHEN r.code IS NULL THEN 'pending' ELSE 'refused' END, r.code, r.report,
            CASE WHEN r.code IS NULL THEN r.variables::json END, r.client_reference,
            CASE WHEN r.code IS NOT NULL THEN $3::timestamptz END
        FROM unnest($4::integer[], $5::bigint[], $6::text[], $7::jsonb[], $8::text[], $9::text[])
            AS r (place, lead_id, code, report, variables, client_reference)
        """)

    /// Rows that one statement writes: no statement grows with the batch.
    nonisolated private static let rowsAtOnce = 2000

    /// From the commit on it will be worked, whatever happens to this process.
    package func make(_ new: New, _ recipients: [NewRecipient], in write: WriteTransaction) async throws -> SendBatch {
        let refused = recipients.count { $0.refusal != nil }
        let rows = try await write.transaction.query(
            Self.insert,
            [
                .id(write.account), .word(new.name), .tree(.object(new.content)), .tree(new.variables),
                .ids(new.instances), .ids(new.visible), .time(new.startAt), .time(new.validUntil), .text(new.language),
                .id(write.actor.apiKeyID), .word(write.actor.requestID), .time(write.now),
                .int(Int64(refused)), .int(Int64(recipients.count - refused)),
            ])
        guard let batch = try rows.first.map(Self.batch) else { throw StorageError.missing("the new batch") }
        var start = 0
        while start < recipients.count {
            let part = recipients[start..<min(start + Self.rowsAtOnce, recipients.count)]
            try await write.transaction.query(
                Self.insertRecipients,
                [.id(write.account), .id(batch.id), .time(write.now)] + Self.columns(of: part, from: start))
            start += part.count
        }
        write.audit(
            .create, of: .batch, batch.id.rawValue,
            changes: .changes([("total", .null, .number(JSONNumber(Int64(recipients.count))))]))
        return batch
    }

    nonisolated private static func columns(
        of part: ArraySlice<NewRecipient>, from start: Int
    ) -> [PostgresValue] {
        [
            .intArray(part.indices.map { Int64($0) }), .ids(part.map(\.leadID)),
            .textArray(part.map { $0.refusal?.code }), .jsonArray(part.map { $0.refusal?.report.serialized() }),
            .textArray(part.map { $0.variables.map { String(decoding: $0.serialized(), as: UTF8.self) } }),
            .textArray(part.map(\.clientReference)),
        ]
    }

    // MARK: Pause, resume, cancel

    nonisolated static let lock = Statement("batch_lock", "\(selectOne.sql) FOR NO KEY UPDATE")

    /// A turn under way holds the row until its end; whoever changes it waits that long and no longer.
    nonisolated static let updateStatus = Statement(
        "batch_status",
        """
        UPDATE batches b SET status = $3, pause_reason = $4, lease_owner = NULL, lease_until = NULL
        WHERE b.account_id = $1 AND b.id = $2
        RETURNING \(columns)
        """)

    nonisolated static let cancelRecipients = Statement(
        "batch_recipients_cancel",
        """
        UPDATE batch_recipients r SET state = 'canceled', variables = NULL, decided_at = $3
        WHERE r.account_id = $1 AND r.batch_id = $2 AND r.state = 'pending'
        """)

    nonisolated static let cancel = Statement(
        "batch_cancel",
        """
        UPDATE batches b SET status = 'canceled', pause_reason = NULL, variables = NULL, lease_owner = NULL, lease_until = NULL,
            canceled = b.canceled + b.pending, pending = 0, finished_at = $3
        WHERE b.account_id = $1 AND b.id = $2
        RETURNING \(columns)
        """)

    package enum Order: Sendable { case pause, resume, cancel }

    /// What was ordered before, or comes too late, changes nothing; nil when there is no such batch.
    package func carryOut(
        _ order: Order, on id: SendBatch.ID, for viewer: Viewer, in write: WriteTransaction
    ) async throws -> SendBatch? {
        let locked = try await write.transaction.query(Self.lock, [.id(write.account), .id(id), viewer.bound])
        guard let found = try locked.first.map(Self.batch) else { return nil }
        let own: [PostgresValue] = [.id(write.account), .id(id)]
        let rows: PostgresRows
        switch (order, found.status) {
        case (.pause, .queued), (.pause, .running):
            rows = try await write.transaction.query(
                Self.updateStatus, own + [.text(SendBatch.Status.paused.rawValue), .null])
        case (.resume, .paused):
            let status = found.startedAt == nil ? SendBatch.Status.queued : .running
            rows = try await write.transaction.query(Self.updateStatus, own + [.text(status.rawValue), .null])
        case (.cancel, .queued), (.cancel, .running), (.cancel, .paused):
            let results = try await write.transaction.query([
                (Self.cancelRecipients, own + [.time(write.now)]), (Self.cancel, own + [.time(write.now)]),
            ])
            rows = results[1]
        default: return found
        }
        guard let changed = try rows.first.map(Self.batch) else { throw StorageError.missing("the batch") }
        write.audit(
            .update, of: .batch, id.rawValue,
            changes: .changes([("status", .string(found.status.rawValue), .string(changed.status.rawValue))]))
        return changed
    }
}
