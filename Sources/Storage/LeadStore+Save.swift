package import Domain
import JSON
import Postgres

@PostgresActor
extension LeadStore {
    nonisolated static let update = Statement(
        "lead_update",
        """
        WITH lead AS (
            UPDATE leads l SET
                \(written.map { "\($0) = r.\($0)" }.joined(separator: ", ")),
                updated_at = $3, version = l.version + 1
            FROM jsonb_to_recordset($2::jsonb) AS r (\(rowTypes))
            WHERE l.account_id = $1 AND l.id = r.id
            RETURNING l.*
        ), gone AS (
            DELETE FROM lead_tags t
            USING jsonb_to_recordset($2::jsonb) AS r (id bigint, tags text[])
            WHERE t.account_id = $1 AND t.lead_id = r.id AND NOT (t.tag = ANY (r.tags))
        ), tag AS (
            INSERT INTO lead_tags (account_id, tag, lead_id)
            SELECT $1, t.tag, lead.id FROM lead, unnest(lead.tags) AS t (tag)
            ON CONFLICT DO NOTHING
        )
        SELECT \(columns)
        FROM lead l
        \(joins)
        """)

    nonisolated static let updateContacts = Statement(
        "contact_update",
        """
        WITH contact AS (
            UPDATE contacts c SET
                name = r.name, phone = r.phone, email = r.email, company = r.company, birthday = r.birthday,
                updated_at = $3, version = c.version + 1
            FROM jsonb_to_recordset($2::jsonb) AS r (\(contactTypes))
            WHERE c.account_id = $1 AND c.id = r.id
            RETURNING c.*, r.previous
        ), event AS (
            INSERT INTO events (account_id, type, created_at, data, previous)
            SELECT $1, 'contact.updated', $3, \(contactEventData), c.previous FROM contact c
        )
        SELECT count(*) FROM contact
        """)

    /// What is the contact's shows on each of its leads: they have changed with it.
    nonisolated static let touch = Statement(
        "lead_touch",
        """
        WITH lead AS (
            UPDATE leads l SET updated_at = $3, version = l.version + 1
            FROM jsonb_to_recordset($2::jsonb) AS r (id bigint, previous jsonb)
            WHERE l.account_id = $1 AND l.contact_id = r.id AND l.archived_at IS NULL
                AND NOT (l.id = ANY ($4::bigint[]))
            RETURNING l.*, r.previous
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, data, previous, api_key_id)
            SELECT $1, 'lead.updated', $3, l.id, \(eventData), l.previous, $5
            FROM lead l
            \(joins)
        )
        SELECT count(*) FROM lead
        """)

    /// The address that a provider made of the old number goes with it, unless somebody was met there.
    nonisolated static let deleteIdentifiers = Statement(
        "contact_identifier_delete",
        """
        DELETE FROM contact_identifiers i
        USING unnest($2::bigint[], $3::text[], $4::text[]) AS g (contact_id, kind, match_key)
        WHERE i.account_id = $1 AND i.contact_id = g.contact_id AND i.match_key = g.match_key
            AND i.kind = ANY (CASE WHEN g.kind = 'phone' THEN ARRAY['phone', 'wa_id'] ELSE ARRAY[g.kind] END)
            AND NOT (i.kind = 'wa_id' AND EXISTS (
                SELECT 1 FROM conversations v
                WHERE v.account_id = $1 AND v.contact_id = i.contact_id AND v.last_inbound_at IS NOT NULL))
        """)

    /// A thread that was opened on the old number, and on which nobody wrote, goes on on the new one. Where somebody was
    /// met the provider's address stays, and with it the window.
    nonisolated static let readdress = Statement(
        "conversation_readdress",
        """
        UPDATE conversations v SET recipient_kind = NULL, recipient_value = NULL
        WHERE v.account_id = $1 AND v.contact_id = ANY ($2::bigint[]) AND v.last_inbound_at IS NULL
            AND v.recipient_kind IN ('phone', 'wa_id')
        """)

    /// One lead before and after a write.
    struct Change: Sendable {
        let before: Lead
        let after: Lead
        /// What it is beside being archived.
        let status: Lead.Status

        init(before: Lead, after: Lead, status: Lead.Status? = nil) {
            self.before = before
            self.after = after
            self.status = status ?? after.status
        }
    }

    /// Writes what changed, tells of it and logs it; a lead that is as it was is not touched.
    ///
    /// - Throws: `Refused`.
    package func save(_ after: Lead, over before: Locked, in write: WriteTransaction) async throws -> LeadRecord {
        let changes = LeadChanges(from: before.lead, to: after)
        guard !changes.isEmpty else { return before.record }
        if after.externalID != before.lead.externalID {
            try await Self.requireFree(externalID: after.externalID, for: after.id, in: write)
        }
        if before.contact.showing(after) != before.contact {
            try await Self.requireOwn(after.identifiers, of: before.contact.id, in: write)
            try await Self.save([(before.contact, before.contact.showing(after))], apart: [after.id], in: write)
        }
        let saved = try await Self.save(
            [Change(before: before.lead, after: after, status: after.status == .archived ? before.status : nil)],
            in: write)
        guard let lead = saved.first else { throw StorageError.missing("the lead") }
        return lead
    }

    /// - Returns: the leads as they are now, in no order.
    static func save(_ changes: [Change], in write: WriteTransaction) async throws -> [LeadRecord] {
        guard !changes.isEmpty else { return [] }
        let rows = changes.map { change in
            row(
                change.after, status: change.status,
                archivedAt: change.after.status == .archived ? write.now : nil)
        }
        let saved = try await write.transaction.query(
            update, [.id(write.account), Self.rows(rows), .time(write.now)])
        var facts: [Fact] = []
        for change in changes {
            let difference = LeadChanges(from: change.before, to: change.after)
            facts += difference.events.map {
                Fact(lead: change.after.id, event: $0, previous: difference.previous)
            }
            write.audit(difference.action, of: .lead, change.after.id.rawValue, changes: difference.audited)
        }
        tell(facts, in: write)
        return saved.map(LeadRecord.init)
    }

    /// Writes contacts with their identifiers, and bumps their leads but for those `apart`, which are written themselves.
    static func save(
        _ contacts: [(before: Contact, after: Contact)], apart: [Lead.ID], in write: WriteTransaction
    ) async throws {
        guard !contacts.isEmpty else { return }
        let rows = contacts.map { row($0.after, previous: $0.before.previous(to: $0.after)) }
        var steps: [(Statement, [PostgresValue])] = [
            (updateContacts, [.id(write.account), Self.rows(rows), .time(write.now)])
        ]
        let shown = contacts.compactMap { before, after -> JSONValue? in
            var previous = before.previous(to: after)
            previous["name"] = nil
            return previous.isEmpty ? nil : row(after, previous: previous)
        }
        if !shown.isEmpty {
            steps.append(
                (
                    touch,
                    [
                        .id(write.account), Self.rows(shown), .time(write.now), .intArray(apart.map(\.rawValue)),
                        .id(write.actor.apiKeyID),
                    ]
                ))
        }
        steps += identifierSteps(contacts, write)
        try await write.transaction.query(steps)
        let added = contacts.flatMap { before, after in
            after.identifiers.filter { !before.identifiers.contains($0) }.map { ($0, after.id) }
        }
        try await add(added, of: write.account, evidence: "api", now: write.now, in: write.transaction)
        for (before, after) in contacts {
            write.audit(
                .update, of: .contact, after.id.rawValue,
                changes: .changes(
                    before.previous(to: after).members.map { name, old in
                        (name, old, after.previous(to: before)[name] ?? .null)
                    }))
        }
    }

    /// Takes away the identifiers that gave way to others, and frees the threads opened on them.
    private static func identifierSteps(
        _ contacts: [(before: Contact, after: Contact)], _ write: WriteTransaction
    ) -> [(Statement, [PostgresValue])] {
        var steps: [(Statement, [PostgresValue])] = []
        let gone = contacts.flatMap { before, after in
            let kept = Set(after.identifiers.map(\.matchKey))
            return before.identifiers.filter { !kept.contains($0.matchKey) }.map { (before.id, $0) }
        }
        if !gone.isEmpty {
            steps.append(
                (
                    deleteIdentifiers,
                    [
                        .id(write.account), .intArray(gone.map(\.0.rawValue)),
                        .textArray(gone.map(\.1.kind.rawValue)), .textArray(gone.map(\.1.matchKey)),
                    ]
                ))
        }
        let moved = contacts.filter { $0.before.phone != nil && $0.before.phone != $0.after.phone }
            .map(\.after.id.rawValue)
        if !moved.isEmpty { steps.append((readdress, [.id(write.account), .intArray(moved)])) }
        return steps
    }

    /// None of the identifiers is another contact's.
    static func requireOwn(
        _ identifiers: [ContactIdentifier], of contact: Contact.ID, in write: WriteTransaction
    ) async throws {
        guard !identifiers.isEmpty else { return }
        let found = try await write.transaction.query(findContacts, search(identifiers, write.account)).map(match)
        let others = found.filter { $0.contact != contact }
        guard others.isEmpty else { throw Refused(reason: .identifierConflict(others)) }
    }

    /// No other lead has it, archived ones among them.
    static func requireFree(externalID: String?, for lead: Lead.ID?, in write: WriteTransaction) async throws {
        guard let externalID else { return }
        let rows = try await write.transaction.query(findExternal, [.id(write.account), .text(externalID)])
        guard let row = rows.first else { return }
        let owner = Lead.ID(try row.int(0))
        guard owner == lead else { throw Refused(reason: .externalIDTaken(owner)) }
    }
}

extension LeadChanges {
    fileprivate var action: AuditEntry.Action {
        switch (before.status, after.status) {
        case (_, .archived): .delete
        case (.archived, _): .restore
        default: .update
        }
    }

    /// Archiving says it all; everything else is told by its fields.
    fileprivate var audited: JSONValue? {
        action == .update ? .changes(fields.map { ($0.name, $0.before, $0.after) }) : nil
    }
}
