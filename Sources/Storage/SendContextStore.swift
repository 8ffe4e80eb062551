package import Domain
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
        /// Nil: the engine's own, which sees every instance.
        let key: APIKey?
        let account: Account.ID
        let claim: IdempotencyStore.Claim?

        /// - Parameter claim: the `Idempotency-Key` whose earlier use is looked up in the same trip.
        package init(
            _ request: SendRequest, to lead: Lead.ID, by key: APIKey?, of account: Account.ID,
            under claim: IdempotencyStore.Claim? = nil
        ) {
            self.request = request
            self.lead = lead
            self.key = key
            self.account = account
            self.claim = claim
        }
    }

    package struct Findings: Sendable {
        /// nil when there is no such lead.
        package let context: SendContext?
        /// What the key was used for before.
        package let earlier: IdempotencyStore.Entry?
    }

    static let selectLeads = Statement(
        "send_leads",
        """
        SELECT q.place, l.contact_id, c.phone, c.opted_out_at IS NOT NULL, c.marketing_stopped_at IS NOT NULL
        FROM unnest($2::bigint[]) WITH ORDINALITY AS q (lead_id, place)
        JOIN leads l ON l.account_id = $1 AND l.id = q.lead_id AND l.archived_at IS NULL
        JOIN contacts c ON c.account_id = $1 AND c.id = l.contact_id
        """)

    static let selectAddresses = Statement(
        "send_addresses",
        """
        SELECT q.place, i.kind, i.value
        FROM unnest($2::bigint[]) WITH ORDINALITY AS q (lead_id, place)
        JOIN leads l ON l.account_id = $1 AND l.id = q.lead_id
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
        SELECT q.place, v.id, v.instance_id, v.recipient_kind, v.recipient_value, v.last_inbound_at, v.last_message_at
        FROM unnest($2::bigint[]) WITH ORDINALITY AS q (lead_id, place)
        JOIN leads l ON l.account_id = $1 AND l.id = q.lead_id
        JOIN conversations v ON v.account_id = $1 AND v.contact_id = l.contact_id
        """)

    /// What keys were used for before.
    static let selectKeys = Statement(
        "send_keys",
        """
        SELECT q.place, k.request_hash, k.message_id, k.status, k.body
        FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS q (route, key, place)
        JOIN idempotency_keys k ON k.account_id = $1 AND k.route = q.route AND k.key = q.key
        """)

    /// The templates that a request names: by id, or every business account's of a name and language.
    static let selectTemplates = Statement(
        "send_templates",
        """
        SELECT account_id, id, business_account_id, name, language, category, status, provider_status, instance_id,
            parameter_format, labels, components, quality_rating, synced_at
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

    package func find(_ inquiry: Inquiry) async throws -> Findings { try await group.run(inquiry) }
}
