package import Domain
import JSON
import Postgres

/// Parts again what a merge made one: what was the loser's before goes back, what came after stays with the winner.
@PostgresActor
extension ContactStore {
    nonisolated static let lockMerge = Statement(
        "unmerge_lock",
        """
        SELECT g.id, g.kept
        FROM contact_merges g
        WHERE g.account_id = $1 AND g.winner_id = $2 AND g.loser_id = $3 AND g.undone_at IS NULL
        FOR UPDATE
        """)

    nonisolated static let selectLater = Statement(
        "unmerge_later",
        """
        SELECT g.loser_id
        FROM contact_merges g
        WHERE g.account_id = $1 AND g.id > $3 AND g.undone_at IS NULL AND (g.winner_id = $2 OR g.loser_id = $2)
        ORDER BY g.id DESC
        LIMIT 1
        """)

    /// Who asked not to be written to while the two were one meant both.
    nonisolated static let restoreContact = Statement(
        "unmerge_contact",
        """
        INSERT INTO contacts (
            account_id, id, name, phone, email, company, birthday, opted_out_at, marketing_stopped_at, created_at,
            updated_at, version)
        SELECT $1, r.id, r.name, r.phone, r.email, r.company, r.birthday,
            COALESCE(r.opted_out_at, \(stopSince("all"))),
            COALESCE(r.marketing_stopped_at, \(stopSince("marketing"))), r.created_at, $3, r.version + 1
        FROM contact_merges g
        CROSS JOIN jsonb_populate_record(NULL::contacts, g.kept->'loser') AS r
        WHERE g.account_id = $1 AND g.id = $2
        """)

    /// When the one that both were was stopped, unless that was before the merge.
    private nonisolated static func stopSince(_ purpose: String) -> String {
        """
        (SELECT min(s.at) FROM consents s
             WHERE s.account_id = $1 AND s.contact_id = g.winner_id AND s.purpose = '\(purpose)'
                AND s.state = 'stopped' AND s.id > (g.kept->>'last_consent')::bigint)
        """
    }

    nonisolated static let restoreIdentifiers = Statement(
        "unmerge_identifiers",
        """
        UPDATE contact_identifiers i SET contact_id = g.loser_id
        FROM contact_merges g
        CROSS JOIN jsonb_to_recordset(g.kept->'identifiers') AS r (kind text, scope text, match_key text)
        WHERE g.account_id = $1 AND g.id = $2 AND i.account_id = $1 AND i.contact_id = g.winner_id
            AND i.kind = r.kind AND i.scope = r.scope AND i.match_key = r.match_key
        """)

    /// A phone or an email that somebody took away meanwhile is the loser's no longer.
    nonisolated static let clearLost = Statement(
        "unmerge_lost",
        """
        UPDATE contacts c SET
            phone = CASE WHEN EXISTS (
                SELECT 1 FROM contact_identifiers i
                WHERE i.account_id = $1 AND i.contact_id = $2 AND i.kind IN ('phone', 'wa_id')) THEN c.phone END,
            email = CASE WHEN EXISTS (
                SELECT 1 FROM contact_identifiers i
                WHERE i.account_id = $1 AND i.contact_id = $2 AND i.kind = 'email') THEN c.email END
        WHERE c.account_id = $1 AND c.id = $2
        """)

    nonisolated static let restoreConsents = Statement(
        "unmerge_consents",
        """
        UPDATE consents s SET contact_id = g.loser_id
        FROM contact_merges g
        CROSS JOIN jsonb_array_elements_text(g.kept->'consent_ids') AS r (id)
        WHERE g.account_id = $1 AND g.id = $2 AND s.account_id = $1 AND s.contact_id = g.winner_id
            AND s.id = r.id::bigint
        """)

    nonisolated static let restoreLeads = Statement(
        "unmerge_leads",
        """
        UPDATE leads l SET contact_id = g.loser_id, updated_at = $3, version = l.version + 1
        FROM contact_merges g
        CROSS JOIN jsonb_array_elements_text(g.kept->'lead_ids') AS r (id)
        WHERE g.account_id = $1 AND g.id = $2 AND l.account_id = $1 AND l.contact_id = g.winner_id
            AND l.id = r.id::bigint
        RETURNING l.id
        """)

    /// Whoever read or closed the one thread that both were has read or closed both.
    nonisolated static let restoreConversations = Statement(
        "unmerge_conversations",
        """
        INSERT INTO conversations (
            account_id, id, contact_id, instance_id, recipient_kind, recipient_value, status, assigned_to, unread,
            last_inbound_at, last_message_at, read_at, created_at, paced_until,
            paced_message_id, tier_counted_at)
        SELECT $1, r.id, r.contact_id, r.instance_id, r.recipient_kind, r.recipient_value,
            CASE WHEN w.status = 'closed' THEN 'closed' ELSE r.status END, r.assigned_to,
            CASE WHEN w.read_at > g.merged_at THEN 0 ELSE r.unread END, r.last_inbound_at, r.last_message_at,
            CASE WHEN w.read_at > g.merged_at THEN w.read_at ELSE r.read_at END, r.created_at,
            CASE WHEN w.paced_until IS NOT DISTINCT FROM
                    GREATEST(r.paced_until, (NULLIF(k.one->'before', 'null')->>'paced_until')::timestamptz)
                THEN r.paced_until ELSE GREATEST(w.paced_until, r.paced_until) END,
            r.paced_message_id, r.tier_counted_at
        FROM contact_merges g
        CROSS JOIN jsonb_array_elements(g.kept->'conversations') AS k (one)
        CROSS JOIN jsonb_populate_record(NULL::conversations, k.one->'row') AS r
        LEFT JOIN conversations w ON w.account_id = $1 AND w.contact_id = g.winner_id
            AND w.instance_id = r.instance_id
        WHERE g.account_id = $1 AND g.id = $2
        """)

    nonisolated static let restoreMessages = Statement(
        "unmerge_messages",
        """
        UPDATE messages m SET contact_id = g.loser_id, conversation_id = (k.one->'row'->>'id')::bigint
        FROM contact_merges g
        CROSS JOIN jsonb_array_elements(g.kept->'conversations') AS k (one)
        CROSS JOIN jsonb_array_elements_text(k.one->'message_ids') AS r (id)
        WHERE g.account_id = $1 AND g.id = $2 AND m.account_id = $1 AND m.contact_id = g.winner_id
            AND m.id = r.id::bigint
        """)

    nonisolated static let restoreOutbox = Statement(
        "unmerge_outbox",
        """
        UPDATE outbox o SET conversation_id = m.conversation_id
        FROM conversations v
        JOIN messages m ON m.account_id = $1 AND m.conversation_id = v.id
        WHERE o.account_id = $1 AND v.account_id = $1 AND v.contact_id = $2 AND o.message_id = m.id
        """)

    /// What was said after the merge is not told on a lead that went back.
    nonisolated static let keepMessages = Statement(
        "unmerge_later_messages",
        """
        UPDATE messages m SET lead_id = (
            SELECT l.id FROM leads l
            WHERE l.account_id = $1 AND l.contact_id = $2 AND l.archived_at IS NULL
            ORDER BY (l.status = 'open') DESC, l.updated_at DESC
            LIMIT 1)
        FROM conversations v
        WHERE m.account_id = $1 AND m.conversation_id = v.id AND v.account_id = $1 AND v.contact_id = $2
            AND m.lead_id = ANY ($3::bigint[])
        """)

    /// A thread that the merge opened and nobody used goes; another is as it was, but for what came since.
    nonisolated static let dropEmpty = Statement(
        "unmerge_empty",
        """
        DELETE FROM conversations w
        USING contact_merges g
        CROSS JOIN jsonb_array_elements(g.kept->'conversations') AS k (one)
        WHERE g.account_id = $1 AND g.id = $2 AND w.account_id = $1 AND w.contact_id = g.winner_id
            AND w.instance_id = (k.one->'row'->>'instance_id')::bigint AND k.one->'before' = 'null'
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.account_id = $1 AND m.conversation_id = w.id)
        """)

    nonisolated static let rewindConversations = Statement(
        "unmerge_rewind",
        """
        UPDATE conversations w SET
            recipient_kind = CASE WHEN b.id IS NOT NULL AND w.recipient_value IS NOT DISTINCT FROM r.recipient_value
                THEN b.recipient_kind ELSE w.recipient_kind END,
            recipient_value = CASE WHEN b.id IS NOT NULL AND w.recipient_value IS NOT DISTINCT FROM r.recipient_value
                THEN b.recipient_value ELSE w.recipient_value END,
            assigned_to = CASE WHEN w.assigned_to = r.assigned_to THEN b.assigned_to ELSE w.assigned_to END,
            status = CASE WHEN b.status = 'closed' AND r.status = 'open' AND NOT EXISTS (
                    SELECT 1 FROM messages m
                    WHERE m.account_id = $1 AND m.conversation_id = w.id AND m.direction = 'inbound'
                        AND m.updated_at > g.merged_at)
                THEN 'closed' ELSE w.status END,
            unread = CASE WHEN w.read_at > g.merged_at THEN w.unread ELSE GREATEST(w.unread - r.unread, 0) END,
            read_at = CASE WHEN w.read_at > g.merged_at THEN w.read_at ELSE b.read_at END,
            last_inbound_at = CASE
                WHEN w.last_inbound_at IS NOT DISTINCT FROM GREATEST(r.last_inbound_at, b.last_inbound_at)
                THEN b.last_inbound_at ELSE w.last_inbound_at END,
            last_message_at = CASE WHEN w.last_message_at = GREATEST(r.last_message_at, b.last_message_at)
                THEN COALESCE(b.last_message_at, w.last_message_at) ELSE w.last_message_at END,
            created_at = COALESCE(b.created_at, w.created_at),
            paced_until = CASE WHEN w.paced_until IS NOT DISTINCT FROM GREATEST(r.paced_until, b.paced_until)
                THEN b.paced_until ELSE w.paced_until END,
            tier_counted_at = CASE
                WHEN w.tier_counted_at IS NOT DISTINCT FROM GREATEST(r.tier_counted_at, b.tier_counted_at)
                THEN b.tier_counted_at ELSE w.tier_counted_at END
        FROM contact_merges g
        CROSS JOIN jsonb_array_elements(g.kept->'conversations') AS k (one)
        CROSS JOIN jsonb_populate_record(NULL::conversations, k.one->'row') AS r
        CROSS JOIN jsonb_populate_record(NULL::conversations, NULLIF(k.one->'before', 'null')) AS b
        WHERE g.account_id = $1 AND g.id = $2 AND w.account_id = $1 AND w.contact_id = g.winner_id
            AND w.instance_id = r.instance_id
        """)

    /// The winner may be written to again where the loser's word alone stood against it.
    nonisolated static let partConsents = Statement(
        "unmerge_consent_state",
        """
        UPDATE contacts c SET
            opted_out_at = \(ownStop("opted_out_at", "all")),
            marketing_stopped_at = \(ownStop("marketing_stopped_at", "marketing")),
            updated_at = $3, version = c.version + 1
        FROM contact_merges g
        WHERE c.account_id = $1 AND c.id = g.winner_id AND g.account_id = $1 AND g.id = $2
        """)

    private nonisolated static func ownStop(_ column: String, _ purpose: String) -> String {
        """
        CASE WHEN c.\(column) = (g.kept->'loser'->>'\(column)')::timestamptz
                AND \(stopSince(purpose)) IS NULL
                THEN (g.kept->'winner'->>'\(column)')::timestamptz ELSE c.\(column) END
        """
    }

    /// The record stays and gives up what it held.
    nonisolated static let finishMerge = Statement(
        "unmerge_finish",
        "UPDATE contact_merges g SET kept = NULL, undone_at = $3 WHERE g.account_id = $1 AND g.id = $2")

    nonisolated static let tellParted = Statement(
        "unmerge_events",
        """
        INSERT INTO events (account_id, type, created_at, data, previous)
        SELECT $1, CASE WHEN c.id = $3 THEN 'contact.created' ELSE 'contact.updated' END, $4,
            \(LeadStore.contactEventData), CASE WHEN c.id <> $3 THEN '{}'::jsonb END
        FROM contacts c
        WHERE c.account_id = $1 AND c.id = ANY (ARRAY[$2, $3]::bigint[])
        ORDER BY c.id = $3 DESC
        """)

    /// - Throws: `MergeRefusal`.
    package func unmerge(
        _ loser: Contact.ID, from winner: Contact.ID, in write: WriteTransaction
    ) async throws -> (winner: ContactRecord, loser: ContactRecord) {
        let account = PostgresValue.id(write.account)
        let now = PostgresValue.time(write.now)
        let ids = PostgresValue.intArray([winner.rawValue])
        let contacts = try await write.transaction.query(Self.lockPair, [account, ids]).map(LeadStore.contact)
        let found = try await write.transaction.query(Self.lockMerge, [account, .id(winner), .id(loser)])
        guard let row = found.first else { throw MergeRefusal.notMerged }
        let id = PostgresValue.int(try row.int(0))
        let kept = try JSONParser.parse(try row.json(1))
        if let later = try await write.transaction.query(Self.selectLater, [account, .id(winner), id]).first {
            throw MergeRefusal.later(loser: Contact.ID(try later.int(0)))
        }
        guard let before = contacts.first else { throw StorageError.missing("the winner") }
        let one: [PostgresValue] = [account, id]
        try await write.transaction.query([
            (Self.lockConversations, [account, ids]), (Self.restoreContact, one + [now]),
            (Self.restoreIdentifiers, one), (Self.clearLost, [account, .id(loser)]), (Self.partConsents, one + [now]),
            (Self.restoreConsents, one), (Self.restoreConversations, one), (Self.restoreMessages, one),
            (Self.restoreOutbox, [account, .id(loser)]),
        ])
        let leads = try await write.transaction.query(Self.restoreLeads, one + [now]).map { Lead.ID(try $0.int(0)) }
        try await write.transaction.query([
            (Self.keepMessages, [account, .id(winner), .intArray(leads.map(\.rawValue))]), (Self.dropEmpty, one),
            (Self.rewindConversations, one),
        ])
        let after = before.without(kept["loser"], beside: kept["winner"])
        if after != before { try await LeadStore.save([(before, after)], apart: [], in: write) }
        try await write.transaction.query(Self.finishMerge, one + [now])
        LeadStore.tell(Self.facts(leads, previous: winner), in: write)
        write.atEnd(Self.tellParted, [account, .id(winner), .id(loser), now])
        write.audit(
            .unmerge, of: .contact, winner.rawValue,
            changes: .object(JSONObject([("loser_id", .array([.number(JSONNumber(loser.rawValue)), .null]))])))
        return (try await reread(winner, in: write), try await reread(loser, in: write))
    }
}

extension Contact {
    /// The contact without what the loser's filled of it, unless that was changed since.
    fileprivate func without(_ loser: JSONValue?, beside own: JSONValue?) -> Contact {
        func rewound(_ field: String, _ now: String?) -> String? {
            own?[field]?.string == nil && loser?[field]?.string == now ? nil : now
        }
        return Contact(
            id: id, name: rewound("name", name), phone: rewound("phone", phone), email: rewound("email", email),
            company: rewound("company", company), birthday: rewound("birthday", birthday))
    }
}
