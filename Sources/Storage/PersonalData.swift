package import Domain
package import JSON
import Postgres

/// Everything that is kept of a person.
package struct PersonalData: Sendable {
    package let contact: ContactRecord
    package let leads: [LeadRecord]
    /// What else there is, by its name in the answer, oldest first.
    package let sections: [(name: String, rows: [JSONValue])]
}

extension ErasureStore {
    static let selectContact = Statement(
        "personal_contact",
        """
        SELECT \(ContactStore.columns)
        FROM contacts c
        WHERE c.account_id = $1 AND c.id = $2 AND c.erased_at IS NULL
        """)

    static let selectPersonLeads = Statement(
        "personal_leads",
        """
        SELECT \(LeadStore.columns)
        FROM leads l
        \(LeadStore.joins)
        WHERE l.account_id = $1 AND l.contact_id = $2
        ORDER BY l.id
        """)

    static let selectConsents = Statement(
        "personal_consents",
        """
        SELECT jsonb_build_object(
            'purpose', s.purpose, 'state', s.state, 'source', s.source, 'message_id', s.message_id,
            'at', \(MessageStore.instant("s.at")))
        FROM consents s
        WHERE s.account_id = $1 AND s.contact_id = $2
        ORDER BY s.id
        """)

    static let selectThreads = Statement(
        "personal_conversations",
        """
        SELECT jsonb_build_object(
            'id', v.id, 'instance_id', v.instance_id, 'recipient_kind', v.recipient_kind,
            'recipient_value', v.recipient_value, 'status', v.status, 'unread', v.unread,
            'last_inbound_at', \(MessageStore.instant("v.last_inbound_at")),
            'last_message_at', \(MessageStore.instant("v.last_message_at")),
            'created_at', \(MessageStore.instant("v.created_at")))
        FROM conversations v
        WHERE v.account_id = $1 AND v.contact_id = $2
        ORDER BY v.id
        """)

    /// With what the provider gave, or was given: it holds more than the words.
    static let selectTexts = Statement(
        "personal_messages",
        """
        SELECT \(MessageStore.eventData) -> 'message' || jsonb_build_object(
            'content', m.content, 'fallback', m.fallback, 'recipient_kind', m.recipient_kind, 'recipient_value', m.recipient_value,
            'sent_by', m.sent_by)
        FROM conversations v
        JOIN messages m ON m.account_id = $1 AND m.conversation_id = v.id
        WHERE v.account_id = $1 AND v.contact_id = $2
        ORDER BY m.id
        """)

    static let selectPersonTasks = Statement(
        "personal_tasks",
        """
        SELECT jsonb_build_object(
            'id', t.id, 'lead_id', t.lead_id, 'subject', t.subject, 'description', t.description, 'notes', t.notes,
            'type', t.type, 'due_date', t.due_date, 'completed_at', \(MessageStore.instant("t.completed_at")),
            'created_at', \(MessageStore.instant("t.created_at")))
        FROM tasks t
        JOIN leads l ON l.account_id = $1 AND l.id = t.lead_id
        WHERE t.account_id = $1 AND l.contact_id = $2
        ORDER BY t.id
        """)

    static let selectPersonMerges = Statement(
        "personal_merges",
        """
        SELECT jsonb_build_object(
            'id', g.id, 'winner_id', g.winner_id, 'loser_id', g.loser_id,
            'merged_at', \(MessageStore.instant("g.merged_at")),
            'loser', (g.kept->'loser') - 'account_id')
        FROM contact_merges g
        WHERE g.account_id = $1 AND g.winner_id = $2 AND g.undone_at IS NULL
        ORDER BY g.id
        """)

    static let selectPersonEvents = Statement(
        "personal_events",
        """
        SELECT jsonb_build_object(
            'id', e.id, 'type', e.type, 'created_at', \(MessageStore.instant("e.created_at")), 'data', e.data,
            'previous', e.previous)
        FROM events e
        WHERE e.account_id = $1 AND (
            e.lead_id IN (SELECT l.id FROM leads l WHERE l.account_id = $1 AND l.contact_id = $2)
            OR (e.type LIKE 'contact.%' AND (e.data -> 'contact' ->> 'id')::bigint = $2)
            OR (e.lead_id IS NULL AND e.message_id IS NOT NULL AND e.message_id IN (
                SELECT m.id
                FROM conversations v
                JOIN messages m ON m.account_id = $1 AND m.conversation_id = v.id
                WHERE v.account_id = $1 AND v.contact_id = $2)))
        ORDER BY e.id
        """)

    static let selectPersonAudit = Statement(
        "personal_audit",
        """
        SELECT jsonb_build_object(
            'id', a.id, 'at', \(MessageStore.instant("a.at")), 'action', a.action, 'entity', a.entity,
            'entity_id', a.entity_id, 'changes', a.changes)
        FROM audit_log a
        WHERE a.account_id = $1 AND (
            (a.entity = 'contact' AND a.entity_id = $2)
            OR (a.entity = 'lead' AND a.entity_id IN (
                SELECT o.id FROM leads o WHERE o.account_id = $1 AND o.contact_id = $2)))
        ORDER BY a.id
        """)

    static let selectPersonMedia = Statement(
        "personal_media",
        """
        SELECT DISTINCT jsonb_build_object(
            'id', f.id, 'source', f.source, 'status', f.state, 'type', f.kind, 'mime_type', f.mime_type,
            'filename', f.filename, 'size', f.size, 'sha256', encode(f.sha256, 'hex'),
            'created_at', \(MessageStore.instant("f.created_at")))
        FROM conversations v
        JOIN messages m ON m.account_id = $1 AND m.conversation_id = v.id
        JOIN media f ON f.account_id = $1 AND f.id = m.media_id
        WHERE v.account_id = $1 AND v.contact_id = $2
        """)

    /// The lines of imports that became the person's leads. What a line said is the lead's; that one still waits in an
    /// import is not told here, and is emptied by an erasure all the same.
    static let selectPersonImports = Statement(
        "personal_imports",
        """
        SELECT jsonb_build_object(
            'import_id', n.import_id, 'line', n.line, 'result', n.result, 'lead_id', n.lead_id,
            'matched_on', n.matched_on, 'report', n.report)
        FROM import_lines n
        WHERE n.account_id = $1 AND n.lead_id IN (
            SELECT l.id FROM leads l WHERE l.account_id = $1 AND l.contact_id = $2)
        ORDER BY n.import_id, n.line
        """)

    private static let sections: [(name: String, statement: Statement)] = [
        ("consents", selectConsents), ("conversations", selectThreads), ("messages", selectTexts),
        ("media", selectPersonMedia), ("batches", BatchStore.selectOfPerson),
        ("tasks", selectPersonTasks), ("merges", selectPersonMerges), ("imports", selectPersonImports),
        ("events", selectPersonEvents), ("audit_log", selectPersonAudit),
    ]

    /// nil when there is no such lead or contact, or the person was erased.
    package func personalData(of subject: Subject, in account: Account.ID) async throws -> PersonalData? {
        let (look, place) = Self.look(for: subject, of: account)
        guard let found = try await pool.read(look, place).first else { return nil }
        let parameters: [PostgresValue] = [.id(account), .int(try found.int(0))]
        let statements = [Self.selectContact, Self.selectPersonLeads] + Self.sections.map(\.statement)
        let results = try await pool.read(statements.map { ($0, parameters) })
        guard let contact = results[0].first else { return nil }
        var sections: [(name: String, rows: [JSONValue])] = []
        for (index, section) in Self.sections.enumerated() {
            var rows: [JSONValue] = []
            for row in results[index + 2] { rows.append(try JSONParser.parse(try row.json(0))) }
            sections.append((section.name, rows))
        }
        return PersonalData(
            contact: ContactRecord(contact), leads: results[1].map(LeadRecord.init), sections: sections)
    }
}
