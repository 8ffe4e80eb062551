package import Domain
import JSON
import Postgres

/// What was written down about the person: events, audit lines, records of merges, answers under keys, raw bodies.
@PostgresActor
extension ErasureStore {
    private nonisolated static let emptied = #"data = '{"erased": true}', previous = NULL"#

    nonisolated static let scrubLeadEvents = Statement(
        "erase_lead_events",
        """
        UPDATE events e SET \(emptied)
        WHERE e.account_id = $1 AND e.lead_id = ANY ($2::bigint[])
        """)

    nonisolated static let scrubMessageEvents = Statement(
        "erase_message_events",
        """
        UPDATE events e SET \(emptied)
        WHERE e.account_id = $1 AND e.lead_id IS NULL AND e.message_id IS NOT NULL
            AND e.message_id = ANY ($2::bigint[])
        """)

    nonisolated static let scrubContactEvents = Statement(
        "erase_contact_events",
        """
        UPDATE events e SET \(emptied)
        WHERE e.account_id = $1 AND e.type LIKE 'contact.%'
            AND (e.data -> 'contact' ->> 'id')::bigint = ANY ($2::bigint[])
        """)

    nonisolated static let scrubAudit = Statement(
        "erase_audit",
        """
        UPDATE audit_log a SET changes = NULL
        WHERE a.account_id = $1 AND a.entity = $2 AND a.entity_id = ANY ($3::bigint[]) AND a.changes IS NOT NULL
        """)

    nonisolated static let scrubTaskAudit = Statement(
        "erase_task_audit",
        """
        UPDATE audit_log a SET changes = NULL
        WHERE a.account_id = $1 AND a.entity = 'task' AND a.changes IS NOT NULL AND a.entity_id IN (
            SELECT t.id FROM tasks t WHERE t.account_id = $1 AND t.lead_id = ANY ($2::bigint[]))
        """)

    /// With whom the person was one for a while.
    nonisolated static let selectPartners = Statement(
        "erase_partners",
        """
        SELECT CASE WHEN g.winner_id = ANY ($2::bigint[]) THEN g.loser_id ELSE g.winner_id END
        FROM contact_merges g
        WHERE g.account_id = $1 AND g.undone_at IS NOT NULL
            AND (g.winner_id = ANY ($2::bigint[]) OR g.loser_id = ANY ($2::bigint[]))
        """)

    nonisolated static let scrubPartnerEvents = Statement(
        "erase_partner_events",
        """
        UPDATE events e SET \(emptied)
        WHERE e.account_id = $1
            AND (e.lead_id IN (
                    SELECT l.id FROM leads l WHERE l.account_id = $1 AND l.contact_id = ANY ($2::bigint[]))
                OR (e.type LIKE 'contact.%' AND (e.data -> 'contact' ->> 'id')::bigint = ANY ($2::bigint[])))
            AND EXISTS (
                SELECT 1 FROM unnest($3::text[]) AS n (part)
                WHERE position(n.part IN concat(e.data::text, e.previous::text)) > 0)
        """)

    nonisolated static let scrubPartnerAudit = Statement(
        "erase_partner_audit",
        """
        UPDATE audit_log a SET changes = NULL
        WHERE a.account_id = $1 AND a.entity = 'contact' AND a.entity_id = ANY ($2::bigint[])
            AND EXISTS (
                SELECT 1 FROM unnest($3::text[]) AS n (part) WHERE position(n.part IN a.changes::text) > 0)
        """)

    nonisolated static let deleteMerges = Statement(
        "erase_merges",
        """
        DELETE FROM contact_merges g
        WHERE g.account_id = $1 AND (g.winner_id = ANY ($2::bigint[]) OR g.loser_id = ANY ($2::bigint[]))
        """)

    func eraseHistory(of person: Person, _ traces: PersonTraces, in write: WriteTransaction) async throws {
        let account = PostgresValue.id(write.account)
        let contacts = PostgresValue.intArray(person.contacts)
        let leads = PostgresValue.intArray(person.leads)
        let partners = try await write.transaction.query(Self.selectPartners, [account, contacts])
            .map { try $0.int(0) }
        let words = PostgresValue.textArray(traces.parts + person.names.filter { $0.count > 2 })
        var steps: [(Statement, [PostgresValue])] = [
            (Self.scrubLeadEvents, [account, leads]),
            (Self.scrubMessageEvents, [account, .intArray(person.messages)]),
            (Self.scrubContactEvents, [account, contacts]),
            (Self.scrubAudit, [account, .text("lead"), leads]),
            (Self.scrubAudit, [account, .text("contact"), contacts]), (Self.scrubTaskAudit, [account, leads]),
        ]
        if !partners.isEmpty {
            steps.append((Self.scrubPartnerEvents, [account, .intArray(partners), words]))
            steps.append((Self.scrubPartnerAudit, [account, .intArray(partners), words]))
        }
        steps += [
            (Self.deleteMerges, [account, contacts]), (BatchStore.scrubRecipients, [account, leads]),
            (BatchStore.scrubShared, [account, leads, .textArray(traces.parts)]),
        ]
        try await write.transaction.query(steps)
    }

    /// The keys stay taken, so that a repetition does not do again what was done; one that names the person goes, and
    /// the hash of what was asked says nothing without it.
    nonisolated static let scrubAnswers = Statement(
        "erase_answers",
        """
        UPDATE idempotency_keys k SET status = $4, body = $5
        WHERE k.account_id = $1 AND k.body IS NOT NULL AND (
            EXISTS (SELECT 1 FROM unnest($2::bytea[]) AS n (part) WHERE position(n.part IN k.body) > 0)
            OR (k.route LIKE '%/contacts%' AND EXISTS (
                SELECT 1 FROM unnest($3::bytea[]) AS n (part) WHERE position(n.part IN k.body) > 0)))
        """)

    nonisolated static let deleteKeys = Statement(
        "erase_keys",
        """
        DELETE FROM idempotency_keys k
        WHERE k.account_id = $1 AND EXISTS (
            SELECT 1 FROM unnest($2::text[]) AS n (part) WHERE position(n.part IN k.key) > 0)
        """)

    func eraseAnswers(
        of person: Person, _ traces: PersonTraces, _ answer: (status: Int, body: [UInt8]), in write: WriteTransaction
    ) async throws {
        let account = PostgresValue.id(write.account)
        // Ids as our own writer tells them: a comma or a brace ends the number.
        let ids =
            person.contacts.flatMap { id in
                ["contact_id", "winner_id", "loser_id"].flatMap { ["\"\($0)\":\(id),", "\"\($0)\":\(id)}"] }
            } + person.leads.flatMap { ["\"lead_id\":\($0),", "\"lead_id\":\($0)}"] }
        let own = person.contacts.map { "\"id\":\($0)," }
        func bytes(_ texts: [String]) -> PostgresValue { .bytesArray(texts.map { Array($0.utf8) }) }
        try await write.transaction.query([
            (Self.deleteKeys, [account, .textArray(traces.parts)]),
            (
                Self.scrubAnswers,
                [account, bytes(traces.parts + ids), bytes(own), .int(Int64(answer.status)), .bytes(answer.body)]
            ),
        ])
    }

    /// Of the account's own hooks, a few at a time.
    nonisolated static let selectBodies = Statement(
        "erase_find_bodies",
        """
        SELECT b.hook_id, b.id, b.received_at, b.body
        FROM hook_bodies b
        WHERE b.hook_id IN (SELECT i.hook_id FROM instances i WHERE i.account_id = $1) AND b.id > $3
            AND EXISTS (SELECT 1 FROM unnest($2::bytea[]) AS n (part) WHERE position(n.part IN b.body) > 0)
        ORDER BY b.id
        LIMIT 100
        FOR UPDATE
        """)

    nonisolated static let selectInstanceKeys = Statement(
        "erase_instances", "SELECT i.provider_key FROM instances i WHERE i.account_id = $1")

    /// What is left is counted anew: one of which items failed is processed once more, which applies nothing twice.
    nonisolated static let updateBody = Statement(
        "erase_rewrite_body",
        """
        UPDATE hook_bodies SET body = $4, state = CASE state WHEN 'failed' THEN 'pending' ELSE state END
        WHERE hook_id = $1 AND id = $2 AND received_at = $3
        """)
    nonisolated static let deleteBody = Statement(
        "erase_delete_body",
        """
        WITH failure AS (
            DELETE FROM inbound_failures f WHERE f.hook_id = $1 AND f.body_id = $2 AND f.received_at = $3
        )
        DELETE FROM hook_bodies WHERE hook_id = $1 AND id = $2 AND received_at = $3
        """)

    /// One body may tell of several people, and of several accounts' numbers: what is not the person's stays.
    func eraseHookBodies(
        _ traces: PersonTraces, in write: WriteTransaction
    ) async throws -> (rewritten: Int, deleted: Int) {
        guard !traces.parts.isEmpty else { return (0, 0) }
        let parts = PostgresValue.bytesArray(traces.parts.map { Array($0.utf8) })
        let keys = try await instanceKeys(in: write)
        var (rewritten, deleted, last) = (0, 0, Int64(0))
        while true {
            let rows = try await write.transaction.query(
                Self.selectBodies, [.id(write.account), parts, .int(last)])
            guard let end = rows.last else { return (rewritten, deleted) }
            let steps = try rows.compactMap { try Self.removal(of: traces, from: $0, keys) }
            rewritten += steps.count { $0.0 == Self.updateBody }
            deleted += steps.count { $0.0 == Self.deleteBody }
            if !steps.isEmpty { try await write.transaction.query(steps) }
            last = try end.int(1)
        }
    }

    /// What providers call the account's numbers.
    private func instanceKeys(in write: WriteTransaction) async throws -> Set<String> {
        Set(try await write.transaction.query(Self.selectInstanceKeys, [.id(write.account)]).map { try $0.text(0) })
    }

    /// What is to be done with a stored body so that it does not tell of the person; nil where it does not.
    private nonisolated static func removal(
        of traces: PersonTraces, from row: PostgresRow, _ keys: Set<String>
    ) throws -> (Statement, [PostgresValue])? {
        let place: [PostgresValue] = [.int(try row.int(0)), .int(try row.int(1)), .timestamp(try row.timestamp(2))]
        // What is no JSON was told apart by nobody, and names the person.
        switch (try? JSONParser.parse(try row.bytes(3))).map({ traces.removed(from: $0, instances: keys) }) {
        case .untouched: return nil
        case .rewritten(let rest): return (updateBody, place + [.bytes(rest.serialized())])
        case .nothing, nil: return (deleteBody, place)
        }
    }

    nonisolated static let lockBody = Statement(
        "erase_lock_body",
        """
        SELECT b.hook_id, b.id, b.received_at, b.body
        FROM hook_bodies b
        WHERE b.hook_id = $1 AND b.id = $2 AND b.received_at = $3
        FOR UPDATE
        """)

    /// Takes out of a body that came after an erasure what it tells of the erased: a provider goes on reporting what
    /// became of the messages to them.
    ///
    /// - Parameter strangers: those whom the body names and nothing that is kept belongs to.
    /// - Returns: whether something was taken out.
    package func redact(
        _ body: HookStore.Pending, ofErased strangers: [ContactIdentifier], hashes: Hashes, in write: WriteTransaction
    ) async throws -> Bool {
        let found = try await erased(strangers, hashes: hashes, in: write)
        guard !found.isEmpty else { return false }
        let traces = PersonTraces(found.sorted().map { strangers[$0] })
        let rows = try await write.transaction.query(
            Self.lockBody, [.int(body.hook.id), .int(body.id), .time(body.receivedAt)])
        let keys = try await instanceKeys(in: write)
        let steps = try rows.compactMap { try Self.removal(of: traces, from: $0, keys) }
        if !steps.isEmpty { try await write.transaction.query(steps) }
        return !steps.isEmpty
    }
}
