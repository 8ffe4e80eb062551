package import Domain
import JSON
import Postgres

/// Makes one contact of two.
///
/// The loser's row is taken away, not marked: whoever still writes to it (a send or a message under way, a lead being
/// made) runs into a foreign key, looks again, and finds the winner.
@PostgresActor
extension ContactStore {
    package struct Merge: Sendable {
        package let id: Int64
        package let winner: Contact.ID
        package let loser: Contact.ID
        package let mergedAt: Timestamp
        package let leads: [Lead.ID]
    }

    /// Why two contacts cannot be merged, or parted again.
    package enum MergeRefusal: Error, Sendable {
        case winnerNotFound
        case loserNotFound
        /// One of them is part of this one already.
        case merged(into: Contact.ID)
        /// The two are not merged.
        case notMerged
        /// The winner has been part of a merge since, of this loser.
        case later(loser: Contact.ID)
    }

    /// Nobody refers to them anew for the length of the transaction; in the order of their ids, so that two merges of
    /// the same two do not wait for each other.
    nonisolated static let lockPair = Statement(
        "contact_lock_pair",
        """
        SELECT c.id, c.name, c.phone, c.email, c.company, c.birthday::text
        FROM contacts c
        WHERE c.account_id = $1 AND c.id = ANY ($2::bigint[]) AND c.erased_at IS NULL
        ORDER BY c.id
        FOR UPDATE
        """)

    /// After this no message comes into their threads.
    nonisolated static let lockConversations = Statement(
        "contact_lock_conversations",
        """
        SELECT v.id
        FROM conversations v
        WHERE v.account_id = $1 AND v.contact_id = ANY ($2::bigint[])
        ORDER BY v.id
        FOR UPDATE
        """)

    nonisolated static let insertMerge = Statement(
        "merge_insert",
        """
        INSERT INTO contact_merges AS g (account_id, winner_id, loser_id, merged_at, kept)
        SELECT $1, $2, $3, $4, jsonb_build_object(
            'winner', (SELECT to_jsonb(c) FROM contacts c WHERE c.account_id = $1 AND c.id = $2),
            'loser', (SELECT to_jsonb(c) FROM contacts c WHERE c.account_id = $1 AND c.id = $3),
            'last_consent', (
                SELECT COALESCE(max(s.id), 0) FROM consents s
                WHERE s.account_id = $1 AND s.contact_id = ANY (ARRAY[$2, $3]::bigint[])),
            'lead_ids', (
                SELECT COALESCE(jsonb_agg(l.id ORDER BY l.id), '[]') FROM leads l
                WHERE l.account_id = $1 AND l.contact_id = $3),
            'consent_ids', (
                SELECT COALESCE(jsonb_agg(s.id), '[]') FROM consents s
                WHERE s.account_id = $1 AND s.contact_id = $3),
            'identifiers', (
                SELECT COALESCE(jsonb_agg(jsonb_build_object(
                    'kind', i.kind, 'scope', i.scope, 'match_key', i.match_key)), '[]')
                FROM contact_identifiers i WHERE i.account_id = $1 AND i.contact_id = $3),
            'conversations', (
                SELECT COALESCE(jsonb_agg(jsonb_build_object(
                    'row', to_jsonb(v),
                    'before', (
                        SELECT to_jsonb(w) FROM conversations w
                        WHERE w.account_id = $1 AND w.contact_id = $2 AND w.instance_id = v.instance_id),
                    'message_ids', (
                        SELECT COALESCE(jsonb_agg(m.id ORDER BY m.id), '[]') FROM messages m
                        WHERE m.account_id = $1 AND m.conversation_id = v.id))), '[]')
                FROM conversations v WHERE v.account_id = $1 AND v.contact_id = $3))
        RETURNING g.id, g.kept->'lead_ids'
        """)

    nonisolated static let moveIdentifiers = Statement(
        "merge_identifiers",
        "UPDATE contact_identifiers i SET contact_id = $2 WHERE i.account_id = $1 AND i.contact_id = $3")
    nonisolated static let moveConsents = Statement(
        "merge_consents", "UPDATE consents s SET contact_id = $2 WHERE s.account_id = $1 AND s.contact_id = $3")
    nonisolated static let moveLeads = Statement(
        "merge_leads",
        """
        UPDATE leads l SET contact_id = $2, updated_at = $4, version = l.version + 1
        WHERE l.account_id = $1 AND l.contact_id = $3
        """)

    /// Two threads on one instance become one, which answers to where the contact wrote last.
    nonisolated static let moveConversations = Statement(
        "merge_conversations",
        """
        INSERT INTO conversations AS w (
            account_id, contact_id, instance_id, recipient_kind, recipient_value, status, assigned_to, unread,
            last_inbound_at, last_message_at, read_at, created_at, paced_until, tier_counted_at)
        SELECT $1, $2, v.instance_id, v.recipient_kind, v.recipient_value, v.status, v.assigned_to, v.unread,
            v.last_inbound_at, v.last_message_at, v.read_at, v.created_at, v.paced_until, v.tier_counted_at
        FROM conversations v
        WHERE v.account_id = $1 AND v.contact_id = $3
        ON CONFLICT (account_id, contact_id, instance_id) DO UPDATE SET
            recipient_kind = CASE WHEN w.recipient_kind IS NULL THEN EXCLUDED.recipient_kind
                WHEN EXCLUDED.last_inbound_at > COALESCE(w.last_inbound_at, '-infinity')
                THEN EXCLUDED.recipient_kind ELSE w.recipient_kind END,
            recipient_value = CASE WHEN w.recipient_kind IS NULL THEN EXCLUDED.recipient_value
                WHEN EXCLUDED.last_inbound_at > COALESCE(w.last_inbound_at, '-infinity')
                THEN EXCLUDED.recipient_value ELSE w.recipient_value END,
            status = CASE WHEN EXCLUDED.status = 'open' THEN 'open' ELSE w.status END,
            assigned_to = COALESCE(w.assigned_to, EXCLUDED.assigned_to),
            unread = w.unread + EXCLUDED.unread,
            last_inbound_at = GREATEST(w.last_inbound_at, EXCLUDED.last_inbound_at),
            last_message_at = GREATEST(w.last_message_at, EXCLUDED.last_message_at),
            read_at = GREATEST(w.read_at, EXCLUDED.read_at),
            created_at = LEAST(w.created_at, EXCLUDED.created_at),
            paced_until = GREATEST(w.paced_until, EXCLUDED.paced_until),
            tier_counted_at = GREATEST(w.tier_counted_at, EXCLUDED.tier_counted_at)
        """)

    nonisolated static let moveMessages = Statement(
        "merge_messages",
        """
        UPDATE messages m SET contact_id = $2, conversation_id = w.id
        FROM conversations v
        JOIN conversations w ON w.account_id = $1 AND w.contact_id = $2 AND w.instance_id = v.instance_id
        WHERE m.account_id = $1 AND v.account_id = $1 AND v.contact_id = $3 AND m.conversation_id = v.id
        """)

    nonisolated static let moveOutbox = Statement(
        "merge_outbox",
        """
        UPDATE outbox o SET conversation_id = w.id
        FROM conversations v
        JOIN conversations w ON w.account_id = $1 AND w.contact_id = $2 AND w.instance_id = v.instance_id
        WHERE o.account_id = $1 AND v.account_id = $1 AND v.contact_id = $3 AND o.conversation_id = v.id
        """)

    nonisolated static let dropConversations = Statement(
        "merge_drop_conversations", "DELETE FROM conversations v WHERE v.account_id = $1 AND v.contact_id = $2")
    nonisolated static let dropContact = Statement(
        "merge_drop_contact", "DELETE FROM contacts c WHERE c.account_id = $1 AND c.id = $2")

    /// Who asked not to be written to under either name is not written to.
    nonisolated static let joinConsents = Statement(
        "merge_consent_state",
        """
        UPDATE contacts c SET
            opted_out_at = LEAST(c.opted_out_at, (g.kept->'loser'->>'opted_out_at')::timestamptz),
            marketing_stopped_at = LEAST(
                c.marketing_stopped_at, (g.kept->'loser'->>'marketing_stopped_at')::timestamptz),
            updated_at = $4, version = c.version + 1
        FROM contact_merges g
        WHERE c.account_id = $1 AND c.id = $2 AND g.account_id = $1 AND g.id = $3
        """)

    nonisolated static let tellMerge = Statement(
        "merge_event",
        """
        INSERT INTO events (account_id, type, created_at, data)
        SELECT $1, 'contact.merged', $4, \(LeadStore.contactEventData) || jsonb_build_object(
            'merge', jsonb_build_object(
                'id', g.id, 'winner_id', g.winner_id, 'loser_id', g.loser_id, 'lead_ids', g.kept->'lead_ids',
                'merged_at', \(MessageStore.instant("g.merged_at"))))
        FROM contact_merges g
        JOIN contacts c ON c.account_id = $1 AND c.id = $2
        WHERE g.account_id = $1 AND g.id = $3
        """)

    /// - Throws: `MergeRefusal`.
    package func merge(
        _ loser: Contact.ID, into winner: Contact.ID, in write: WriteTransaction
    ) async throws -> (ContactRecord, Merge) {
        let (before, other) = try await locked(winner, loser, in: write)
        let account = PostgresValue.id(write.account)
        let now = PostgresValue.time(write.now)
        let both: [PostgresValue] = [account, .id(winner), .id(loser)]
        let record = try await write.transaction.query(Self.insertMerge, both + [now])
        guard let row = record.first, let leads = try JSONParser.parse(try row.json(1)).array else {
            throw StorageError.missing("the merge")
        }
        let merge = Merge(
            id: try row.int(0), winner: winner, loser: loser, mergedAt: write.now,
            leads: leads.compactMap { $0.int64.map { Lead.ID($0) } })
        try await write.transaction.query(Self.moveIdentifiers, both)
        let filled = before.filled(by: other)
        if filled != before { try await LeadStore.save([(before, filled)], apart: [], in: write) }
        try await write.transaction.query([
            (Self.moveLeads, both + [now]), (Self.moveConsents, both), (Self.moveConversations, both),
            (Self.moveMessages, both), (Self.moveOutbox, both), (Self.dropConversations, [account, .id(loser)]),
            (Self.joinConsents, [account, .id(winner), .int(merge.id), now]),
            (Self.dropContact, [account, .id(loser)]),
        ])
        LeadStore.tell(Self.facts(merge.leads, previous: loser), in: write)
        write.atEnd(Self.tellMerge, [account, .id(winner), .int(merge.id), now])
        write.audit(
            .merge, of: .contact, winner.rawValue,
            changes: .object(JSONObject([("loser_id", .array([.null, .number(JSONNumber(loser.rawValue))]))])))
        return (try await reread(winner, in: write), merge)
    }

    nonisolated static func facts(_ leads: [Lead.ID], previous: Contact.ID) -> [LeadStore.Fact] {
        let before = JSONValue.object(JSONObject([("contact_id", .number(JSONNumber(previous.rawValue)))]))
        return leads.map { LeadStore.Fact(lead: $0, event: .updated, previous: before) }
    }

    private func locked(
        _ winner: Contact.ID, _ loser: Contact.ID, in write: WriteTransaction
    ) async throws -> (winner: Contact, loser: Contact) {
        let ids = PostgresValue.intArray([winner.rawValue, loser.rawValue])
        let contacts = try await write.transaction.query(Self.lockPair, [.id(write.account), ids])
            .map(LeadStore.contact)
        guard let first = contacts.first(where: { $0.id == winner }) else {
            throw try await gone(winner, in: write) ?? .winnerNotFound
        }
        guard let second = contacts.first(where: { $0.id == loser }) else {
            throw try await gone(loser, in: write) ?? .loserNotFound
        }
        try await write.transaction.query(Self.lockConversations, [.id(write.account), ids])
        return (first, second)
    }

    private func gone(_ contact: Contact.ID, in write: WriteTransaction) async throws -> MergeRefusal? {
        let rows = try await write.transaction.query(Self.selectWinner, [.id(write.account), .id(contact)])
        return try rows.first.map { .merged(into: Contact.ID(try $0.int(0))) }
    }
}

extension Contact {
    /// The contact with its blanks filled by what the other has.
    fileprivate func filled(by other: Contact) -> Contact {
        Contact(
            id: id, name: name ?? other.name, phone: phone ?? other.phone, email: email ?? other.email,
            company: company ?? other.company, birthday: birthday ?? other.birthday)
    }
}
