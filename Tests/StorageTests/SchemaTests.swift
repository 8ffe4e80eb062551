import Domain
import Postgres
import Storage
import TestSupport
import Testing

/// The schema says what the code says.
@Suite struct SchemaTests {
    private static let selectChecks = Statement(
        "schema_checks",
        """
        SELECT c.conname::text, pg_get_constraintdef(c.oid)
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
        WHERE c.contype = 'c' AND t.relnamespace = 'public'::regnamespace AND NOT t.relispartition
        """)

    /// The words of each constraint, as the code has them.
    private static let words: [String: Set<String>] = [
        "accounts_status": all(Account.Status.self),
        "instances_provider": all(Instance.Provider.self),
        "hooks_provider": all(Instance.Provider.self),
        "instances_status": all(Instance.Status.self),
        "templates_status": all(Template.Status.self),
        "templates_parameter_format": all(Template.ParameterFormat.self),
        "conversations_recipient": all(Recipient.Kind.self),
        "conversations_status": all(Conversation.Status.self),
        "inbound_failures_state": all(InboundFailureStore.State.self),
        "messages_direction": all(Message.Direction.self),
        "messages_status": all(MessageStatus.self),
        // Archived is an instant, so that restoring brings the status back.
        "leads_status": all(Lead.Status.self).subtracting([Lead.Status.archived.rawValue]),
        "contact_identifiers_kind": all(ContactIdentifier.Kind.self),
        "users_role": all(User.Role.self),
        "tasks_type": all(RequiredTask.Kind.self),
        "tasks_priority": all(RequiredTask.Priority.self),
        "custom_fields_type": all(CustomFieldType.self),
        "sequences_channel": all(FollowUp.Channel.self),
        "sequence_steps_type": all(FollowUp.Step.Kind.self),
        "sequence_enrolments_status": all(Enrolment.Status.self),
        "imports_status": all(LeadImport.Status.self),
        "imports_format": all(LeadImport.Format.self),
        "imports_failure": all(LeadImport.Failure.self),
        "batches_status": all(SendBatch.Status.self),
        "batches_pause_reason": all(SendBatch.PauseReason.self),
        "batch_recipients_state": all(SendBatch.RecipientState.self),
        "import_lines_result": all(LeadUpsert.Outcome.self),
        // Words that no enum has: written here a second time on purpose.
        "attempts_outcome": ["accepted", "refused", "not_sent", "unknown"],
        "consents_purpose": ["all", "marketing"],
        "consents_state": ["granted", "stopped"],
        "hook_bodies_state": ["pending", "done", "failed"],
        "media_source": all(Medium.Source.self),
        "media_state": all(MediaStore.Entry.State.self),
        "media_kind": all(MediaKind.self),
        // That one is stored says that it is whole.
        "media_whole": [MediaStore.Entry.State.stored.rawValue],
    ]

    /// Constraints that list no words.
    private static let others: Set<String> = [
        "accounts_country", "accounts_currency", "api_keys_rate", "stages_one_end", "tasks_of_stage",
        "sequence_steps_delay", "instances_throughput", "instances_gap", "instances_hourly_budget",
        "instances_daily_budget", "outbox_leased",
    ]

    private static func all<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> Set<String>
    where Word.RawValue == String { Set(Word.allCases.map(\.rawValue)) }

    @Test func `a column's words are the code's words`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            var seen: Set<String> = []
            for row in try await pool.read(Self.selectChecks) {
                let name = try row.text(0)
                let definition = try row.text(1)
                seen.insert(name)
                guard !Self.others.contains(name) else { continue }
                let listed = Set(definition.matches(of: /'([^']*)'::text/).map { String($0.1) })
                #expect(listed == Self.words[name], "\(name): \(definition)")
            }
            #expect(seen == Set(Self.words.keys).union(Self.others))
        }
    }

    private static let selectKeys = Statement(
        "schema_keys",
        """
        SELECT i.relname::text, t.relname::text, a.attname::text
        FROM pg_index x
        JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[0]
        WHERE t.relnamespace = 'public'::regnamespace AND (x.indisunique OR x.indisprimary)
        UNION ALL
        SELECT c.conname::text, t.relname::text, a.attname::text
        FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.conrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
        WHERE t.relnamespace = 'public'::regnamespace AND c.contype = 'f'
        """)

    /// Keys that do not begin with the account, each with its reason.
    private static let exceptions: [String: String] = [
        "api_keys_hash": "a key is found by its hash before the account is known",
        "api_key_overlaps_hash": "a key is found by its hash before the account is known",
        "instances_of_hook": "an inbound item finds its number within the hook it came to",
        "instances_hook_id_fkey": "a hook belongs to an app, not to an account",
    ]

    /// Tables without an account.
    private static let withoutAccount: Set<String> = [
        "accounts", "hooks", "hook_bodies", "hook_bodies_other", "inbound_failures", "inbound_failures_other",
    ]

    @Test func `every key of a tenant's table begins with the account`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            var excused: Set<String> = []
            var judged = 0
            for row in try await pool.read(Self.selectKeys) {
                let (name, table, column) = (try row.text(0), try row.text(1), try row.text(2))
                guard !Self.withoutAccount.contains(table), !table.hasPrefix("schema_") else { continue }
                judged += 1
                if Self.exceptions[name] != nil {
                    excused.insert(name)
                } else {
                    #expect(column == "account_id", "\(table).\(name) begins with \(column)")
                }
            }
            #expect(judged > 25)
            #expect(excused == Set(Self.exceptions.keys))
        }
    }

    /// What is kept by time lies in partitions, which take no such word from their parent.
    private static let selectUndeclared = Statement(
        "schema_undeclared",
        """
        SELECT t.relname::text
        FROM pg_class t
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'account_id'
        WHERE t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND NOT t.relispartition
            AND NOT COALESCE('n_distinct=1' = ANY (a.attoptions), false)
        """)

    @Test func `plans are made for the largest account`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let undeclared = try await pool.read(Self.selectUndeclared).map { try $0.text(0) }
            #expect(undeclared == [])
        }
    }

    private static let selectRoutines = Statement(
        "schema_routines",
        """
        SELECT (SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal)
            + (SELECT count(*) FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
                AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e'))
        """)

    @Test func `there are no triggers and no stored procedures of ours`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let count = try await pool.read(Self.selectRoutines).first?.int(0)
            #expect(count == 0)
        }
    }
}
