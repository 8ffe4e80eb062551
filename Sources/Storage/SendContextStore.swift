package import Domain
import JSON
package import Postgres

/// Loads everything that sends are judged by, in one round trip; what is asked at the same moment travels together.
package struct SendContextStore: Sendable {
    private let pool: PostgresPool
    private let group: Group

    package init(_ pool: PostgresPool) {
        self.pool = pool
        group = Group(pool, Self.form)
    }

    /// Who wants to send what to which lead.
    package struct Inquiry: Sendable {
        let request: SendRequest
        let lead: Lead.ID
        /// Those that the sender may see; nil is all of them.
        let instances: Set<Instance.ID>?
        let account: Account.ID
        let claim: IdempotencyStore.Claim?

        /// - Parameters:
        ///   - key: nil is the engine itself, which sees every instance.
        ///   - claim: the `Idempotency-Key` whose earlier use is looked up in the same trip.
        package init(
            _ request: SendRequest, to lead: Lead.ID, by key: APIKey?, of account: Account.ID,
            under claim: IdempotencyStore.Claim? = nil
        ) {
            self.request = request
            self.lead = lead
            instances = key?.instanceIDs
            self.account = account
            self.claim = claim
        }

        /// - Parameter instances: those that the sender may see; nil is all of them.
        package init(
            _ request: SendRequest, to lead: Lead.ID, seeing instances: Set<Instance.ID>?, of account: Account.ID
        ) {
            self.request = request
            self.lead = lead
            self.instances = instances
            self.account = account
            claim = nil
        }

        func sees(_ instance: Instance.ID) -> Bool { instances?.contains(instance) ?? true }
        func sees(_ medium: Medium) -> Bool { medium.instanceID.map { sees($0) } ?? true }
    }

    package struct Findings: Sendable {
        /// nil when there is no such lead.
        package internal(set) var context: SendContext?
        /// What the key was used for before.
        package let earlier: IdempotencyStore.Entry?
        /// What fills the slots of the context's templates, where an admin has said so.
        let mappings: [Template.ID: [VariableMapping?]]
    }

    static let selectLeads = Statement(
        "send_leads",
        """
        SELECT q.place, l.contact_id, c.phone, c.opted_out_at IS NOT NULL, c.marketing_stopped_at IS NOT NULL
        FROM unnest($2::bigint[]) WITH ORDINALITY AS q (lead_id, place)
        CROSS JOIN LATERAL (
            SELECT d.contact_id FROM leads d
            WHERE d.account_id = $1 AND d.id = q.lead_id AND d.archived_at IS NULL
            LIMIT 1
        ) l
        CROSS JOIN LATERAL (
            SELECT p.phone, p.opted_out_at, p.marketing_stopped_at FROM contacts p
            WHERE p.account_id = $1 AND p.id = l.contact_id
            LIMIT 1
        ) c
        """)

    static let selectAddresses = Statement(
        "send_addresses",
        """
        SELECT q.place, i.kind, i.value
        FROM unnest($2::bigint[]) WITH ORDINALITY AS q (lead_id, place)
        CROSS JOIN LATERAL (
            SELECT d.contact_id FROM leads d WHERE d.account_id = $1 AND d.id = q.lead_id LIMIT 1
        ) l
        CROSS JOIN LATERAL (
            SELECT i.kind, i.value
            FROM contact_identifiers i
            WHERE i.account_id = $1 AND i.contact_id = l.contact_id AND i.kind IN ('wa_id', 'lid', 'bsuid')
            ORDER BY array_position(ARRAY['wa_id', 'bsuid', 'lid'], i.kind), i.created_at
            LIMIT 20
        ) i
        """)

    static let selectConversations = Statement(
        "send_conversations",
        """
        SELECT q.place, v.id, v.instance_id, v.recipient_kind, v.recipient_value, v.last_inbound_at, v.last_message_at,
            v.tier_counted_at
        FROM unnest($2::bigint[]) WITH ORDINALITY AS q (lead_id, place)
        CROSS JOIN LATERAL (
            SELECT d.contact_id FROM leads d WHERE d.account_id = $1 AND d.id = q.lead_id LIMIT 1
        ) l
        CROSS JOIN LATERAL (
            SELECT t.id, t.instance_id, t.recipient_kind, t.recipient_value, t.last_inbound_at, t.last_message_at,
                t.tier_counted_at
            FROM conversations t
            WHERE t.account_id = $1 AND t.contact_id = l.contact_id
            ORDER BY t.instance_id
            LIMIT 1000
        ) v
        """)

    /// What mappings can draw from.
    static let selectFacts = Statement(
        "send_facts",
        """
        SELECT q.place, l.name, c.phone, c.email, c.company, c.birthday::text, l.source, l.external_id,
            (SELECT s.name FROM stages s WHERE s.account_id = $1 AND s.id = l.stage_id),
            (SELECT p.name FROM pipelines p WHERE p.account_id = $1 AND p.id = l.pipeline_id),
            (SELECT u.name FROM users u WHERE u.account_id = $1 AND u.id = l.assigned_to),
            l.custom_fields
        FROM unnest($2::bigint[]) WITH ORDINALITY AS q (lead_id, place)
        CROSS JOIN LATERAL (
            SELECT d.name, d.source, d.external_id, d.stage_id, d.pipeline_id, d.assigned_to, d.custom_fields,
                d.contact_id
            FROM leads d
            WHERE d.account_id = $1 AND d.id = q.lead_id
            LIMIT 1
        ) l
        CROSS JOIN LATERAL (
            SELECT o.phone, o.email, o.company, o.birthday FROM contacts o
            WHERE o.account_id = $1 AND o.id = l.contact_id
            LIMIT 1
        ) c
        """)

    /// What keys were used for before.
    static let selectKeys = Statement(
        "send_keys",
        """
        SELECT q.place, k.request_hash, k.message_id, k.status, k.body
        FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS q (route, key, place)
        CROSS JOIN LATERAL (
            SELECT i.request_hash, i.message_id, i.status, i.body FROM idempotency_keys i
            WHERE i.account_id = $1 AND i.route = q.route AND i.key = q.key
            LIMIT 1
        ) k
        """)

    /// The templates that a request names: by id, or every business account's of a name and language.
    static let selectTemplates = Statement(
        "send_templates",
        """
        SELECT account_id, id, business_account_id, name, language, category, status, provider_status, instance_id,
            parameter_format, labels, components, quality_rating, synced_at, mappings
        FROM templates
        WHERE account_id = $1 AND (id = ANY ($2::bigint[]) OR (name = ANY ($3::text[]) AND language = ANY ($4::text[])))
        """)

    /// At most as many as a person would look through.
    static let selectApproved = Statement(
        "send_approved_templates",
        """
        SELECT business_account_id, id
        FROM templates
        WHERE account_id = $1 AND status = 'APPROVED'
        ORDER BY id
        LIMIT 100
        """)

    static let selectApprovedOfInstance = Statement(
        "send_approved_of_instance",
        """
        SELECT t.id
        FROM instances i
        JOIN templates t ON t.account_id = $1 AND t.business_account_id = i.business_account_id
        WHERE i.account_id = $1 AND i.id = $2 AND t.status = 'APPROVED'
        ORDER BY t.id
        LIMIT 100
        """)

    /// What the instance can send while a window is closed.
    package func approvedTemplates(for instance: Instance.ID, of account: Account.ID) async throws -> [Template.ID] {
        try await pool.read(Self.selectApprovedOfInstance, [.id(account), .id(instance)]).map {
            Template.ID(try $0.int(0))
        }
    }

    static let selectReplyTargets = Statement(
        "send_reply_targets",
        """
        SELECT q.place, m.conversation_id, m.instance_id, m.provider_message_id
        FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS q (lead_id, message_id, place)
        JOIN leads l ON l.account_id = $1 AND l.id = q.lead_id
        JOIN messages m ON m.account_id = $1 AND m.id = q.message_id AND m.contact_id = l.contact_id
        """)

    /// The kept files that requests name.
    static let selectMedia = Statement(
        "send_media",
        """
        SELECT \(MediaStore.columns) FROM media f
        WHERE f.account_id = $1 AND f.id = ANY ($2::bigint[]) AND f.state = 'stored'
        """)

    package func find(_ inquiry: Inquiry) async throws -> Findings {
        var found = try await group.run(inquiry)
        // Most templates have no mappings: only those that do cost a second trip.
        guard !found.mappings.isEmpty, let context = found.context else { return found }
        found.context = try await mapped([(context, found.mappings)], of: inquiry.account).first
        return found
    }

    /// As `find`, for many of an account at once; nil for those whose lead is none.
    package func find(all inquiries: [Inquiry]) async throws -> [SendContext?] {
        guard let account = inquiries.first?.account else { return [] }
        let found = try await Self.read(inquiries, pool)
        let known = found.indices.filter { found[$0].context != nil && !found[$0].mappings.isEmpty }
        var contexts = found.map(\.context)
        guard !known.isEmpty else { return contexts }
        let open = known.compactMap { place in found[place].context.map { ($0, found[place].mappings) } }
        for (place, context) in zip(known, try await mapped(open, of: account)) { contexts[place] = context }
        return contexts
    }

    /// The contexts with what the mappings yield for their leads.
    private func mapped(
        _ contexts: [(SendContext, [Template.ID: [VariableMapping?]])], of account: Account.ID
    ) async throws -> [SendContext] {
        var filled = contexts.map(\.0)
        for row in try await pool.read(Self.selectFacts, [.id(account), .ids(filled.map(\.leadID))]) {
            let place = Int(try row.int(0)) - 1
            guard filled.indices.contains(place) else { throw StorageError.missing("a lead's place") }
            let facts = try Self.facts(row)
            filled[place].mapped = contexts[place].1.mapValues { mappings in
                mappings.map { $0?.value(from: facts) }
            }
        }
        return filled
    }

    @inline(never)
    private static func facts(_ row: PostgresRow) throws -> LeadFacts {
        var own: [String: String?] = [:]
        let names = [
            "name", "phone", "email", "company", "birthday", "source", "external_id", "stage", "pipeline", "owner",
        ]
        for (index, name) in names.enumerated() { own[name] = try row.textOrNil(index + 1) }
        return LeadFacts(own, customFields: try JSONParser.parse(Array(try row.text(names.count + 1).utf8)))
    }
}
