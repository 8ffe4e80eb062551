import Domain
import JSON
import Postgres

/// What is the person's by a foreign key: contact, identifiers, consents, leads, threads, messages and their attempts.
@PostgresActor
extension ErasureStore {
    nonisolated static let insertNameless = Statement(
        "erase_nameless",
        """
        INSERT INTO contacts (account_id, created_at, updated_at, erased_at)
        SELECT $1, c.created_at, $3, $3 FROM contacts c WHERE c.account_id = $1 AND c.id = $2
        RETURNING id
        """)

    nonisolated static let deleteOutbox = Statement(
        "erase_outbox", "DELETE FROM outbox o WHERE o.account_id = $1 AND o.message_id = ANY ($2::bigint[])")

    /// On the highest rung, where no report of a provider changes them or brings an id back.
    nonisolated static let scrubMessages = Statement(
        "erase_scrub_messages",
        """
        WITH message AS (
            UPDATE messages m SET contact_id = $3, text = NULL, content = NULL, recipient_kind = NULL,
                recipient_value = NULL, reply_to_provider_id = NULL, client_reference = NULL,
                provider_message_id = NULL, preset_provider_id = NULL, details = NULL, media_id = NULL, fallback = NULL,
                status_rank = 100, updated_at = $4,
                status = CASE m.status WHEN 'queued' THEN 'canceled' WHEN 'sending' THEN 'unknown' ELSE m.status END,
                error = CASE WHEN m.status IN ('queued', 'sending') THEN jsonb_build_object(
                    'provider', i.provider, 'code', NULL, 'title', 'The person was erased', 'details', NULL,
                    'retryable', false) END
            FROM messages o
            JOIN instances i ON i.account_id = $1 AND i.id = o.instance_id
            WHERE m.account_id = $1 AND o.account_id = $1 AND o.id = ANY ($2::bigint[]) AND m.id = o.id
            RETURNING \(MessageStore.columns), o.status AS before
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
            SELECT $1, CASE m.before WHEN 'queued' THEN 'message.failed' ELSE 'message.unknown' END, $4, m.lead_id,
                m.id, \(MessageStore.eventData)
            FROM message m
            WHERE m.before IN ('queued', 'sending')
        )
        SELECT count(*) FROM message m WHERE m.before = 'queued'
        """)

    nonisolated static let scrubAttempts = Statement(
        "erase_attempts",
        """
        UPDATE attempts a SET provider_message_id = NULL, error = NULL, finished_at = COALESCE(a.finished_at, $3),
            outcome = COALESCE(a.outcome, 'unknown')
        WHERE a.account_id = $1 AND a.message_id = ANY ($2::bigint[])
        """)

    nonisolated static let scrubConversations = Statement(
        "erase_conversations",
        """
        UPDATE conversations v SET contact_id = $3, recipient_kind = NULL, recipient_value = NULL, status = 'closed',
            unread = 0, last_inbound_at = NULL
        WHERE v.account_id = $1 AND v.contact_id = $2
        """)

    /// What is counted stays: stage, value, source, dates.
    nonisolated static let scrubLeads = Statement(
        "erase_scrub_leads",
        """
        UPDATE leads l SET contact_id = $3, external_id = NULL, name = '', tags = '{}', notes = NULL,
            utm_source = NULL, utm_medium = NULL, utm_campaign = NULL, utm_term = NULL, utm_content = NULL,
            custom_fields = '{}', archived_at = COALESCE(l.archived_at, $4), updated_at = $4, version = l.version + 1
        WHERE l.account_id = $1 AND l.contact_id = $2
        """)

    nonisolated static let scrubTasks = Statement(
        "erase_tasks",
        """
        UPDATE tasks t SET subject = '', description = NULL, notes = NULL, updated_at = $3
        WHERE t.account_id = $1 AND t.lead_id = ANY ($2::bigint[])
        """)

    nonisolated static let exitSequences = Statement(
        "erase_enrolments",
        """
        UPDATE sequence_enrolments e SET status = 'exited', exited_at = $3, exit_reason = 'erased', next_step_at = NULL
        WHERE e.account_id = $1 AND e.lead_id = ANY ($2::bigint[]) AND e.status = 'active'
        """)

    nonisolated static let deleteTags = Statement(
        "erase_tags", "DELETE FROM lead_tags t WHERE t.account_id = $1 AND t.lead_id = ANY ($2::bigint[])")
    nonisolated static let deleteConsents = Statement(
        "erase_consents", "DELETE FROM consents s WHERE s.account_id = $1 AND s.contact_id = $2")
    nonisolated static let deleteIdentifiers = Statement(
        "erase_drop_identifiers", "DELETE FROM contact_identifiers i WHERE i.account_id = $1 AND i.contact_id = $2")

    /// - Returns: how many messages that waited to be sent were canceled.
    func eraseRows(of person: Person, in write: WriteTransaction) async throws -> Int {
        let account = PostgresValue.id(write.account)
        let contact = PostgresValue.id(person.contact)
        let now = PostgresValue.time(write.now)
        let messages = PostgresValue.intArray(person.messages)
        let files = try await eraseFiles(of: messages, in: write)
        let made = try await write.transaction.query(Self.insertNameless, [account, contact, now])
        guard let row = made.first else { throw StorageError.missing("the nameless contact") }
        let nameless = PostgresValue.int(try row.int(0))
        let results = try await write.transaction.query([
            (Self.deleteOutbox, [account, messages]), (Self.scrubMessages, [account, messages, nameless, now]),
            (Self.scrubAttempts, [account, messages, now]), (Self.scrubConversations, [account, contact, nameless]),
            (Self.scrubLeads, [account, contact, nameless, now]),
            (Self.scrubTasks, [account, .intArray(person.leads), now]),
            (Self.exitSequences, [account, .intArray(person.leads), now]),
            (Self.deleteTags, [account, .intArray(person.leads)]), (Self.deleteConsents, [account, contact]),
            (Self.deleteIdentifiers, [account, contact]), (ContactStore.dropContact, [account, contact]),
            (Self.deleteMedia, [account, files]),
        ])
        return Int(try results[1].first?.int(0) ?? 0)
    }
}
