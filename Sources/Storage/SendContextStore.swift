package import Domain
package import Postgres

/// Loads everything that a send is judged by, in one round trip.
package struct SendContextStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let selectLead = Statement(
        "send_lead",
        """
        SELECT l.contact_id, c.phone, c.opted_out_at IS NOT NULL, c.marketing_stopped_at IS NOT NULL
        FROM leads l
        JOIN contacts c ON c.account_id = $1 AND c.id = l.contact_id
        WHERE l.account_id = $1 AND l.id = $2 AND l.archived_at IS NULL
        """)

    static let selectAddresses = Statement(
        "send_addresses",
        """
        SELECT i.kind, i.value
        FROM leads l
        JOIN contact_identifiers i ON i.account_id = $1 AND i.contact_id = l.contact_id
        WHERE l.account_id = $1 AND l.id = $2 AND i.kind IN ('wa_id', 'lid', 'bsuid')
        ORDER BY array_position(ARRAY['wa_id', 'bsuid', 'lid'], i.kind), i.created_at
        LIMIT 20
        """)

    static let selectConversations = Statement(
        "send_conversations",
        """
        SELECT v.id, v.instance_id, v.recipient_kind, v.recipient_value, v.last_inbound_at, v.last_message_at
        FROM leads l
        JOIN conversations v ON v.account_id = $1 AND v.contact_id = l.contact_id
        WHERE l.account_id = $1 AND l.id = $2
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

    static let selectReplyTarget = Statement(
        "send_reply_target",
        """
        SELECT m.conversation_id, m.instance_id, m.provider_message_id
        FROM messages m
        JOIN leads l ON l.account_id = $1 AND l.id = $2 AND l.contact_id = m.contact_id
        WHERE m.account_id = $1 AND m.id = $3
        """)

    /// nil when there is no such lead.
    package func context(
        _ request: SendRequest, lead: Lead.ID, key: APIKey, account: Account.ID
    ) -> Query<SendContext?> {
        let choices = Self.templateChoices(request)
        let ofLead: [PostgresValue] = [.id(account), .id(lead)]
        var batch: [(Statement, [PostgresValue])] = [
            (Self.selectLead, ofLead),
            (Self.selectAddresses, ofLead),
            (Self.selectConversations, ofLead),
            (InstanceStore.selectAll, [.id(account)]),
            (
                Self.selectTemplates,
                [
                    .id(account), .intArray(choices.ids), .textArray(choices.names.map(\.name)),
                    .textArray(choices.names.map(\.language)),
                ]
            ),
        ]
        if case .text = request.content { batch.append((Self.selectApproved, [.id(account)])) }
        if let target = request.replyTo { batch.append((Self.selectReplyTarget, ofLead + [.id(target)])) }
        return Query(batch) { try Self.context(request, lead: lead, key: key, $0) }
    }

    private static func context(
        _ request: SendRequest, lead: Lead.ID, key: APIKey, _ results: [PostgresRows]
    ) throws -> SendContext? {
        guard let row = results[0].first else { return nil }
        var reader = RowReader(row)
        let contact: Contact.ID = try reader.id()
        let phone = try reader.textOrNil()
        let consent = SendContext.Consent(stopped: try reader.bool(), marketingStopped: try reader.bool())
        let instances = try results[3].map(InstanceStore.instance).filter { key.sees($0.id) }
        let visible = Set(instances.map(\.id))
        let templates = try results[4].map(TemplateStore.template)
        return SendContext(
            leadID: lead, contactID: contact, phone: phone, addresses: try results[1].map(address),
            consent: consent, instances: instances,
            conversations: try results[2].map(conversation).filter { visible.contains($0.instanceID) },
            templates: key.instanceIDs == nil ? templates : templates.filter { sees($0, instances) },
            approvedTemplates: try approved(request, results), replyTarget: try replyTarget(request, results))
    }

    /// A key bound to instances sees the templates of their business accounts.
    private static func sees(_ template: Template, _ instances: [Instance]) -> Bool {
        instances.contains { $0.businessAccountID == template.businessAccountID }
    }

    private static func templateChoices(
        _ request: SendRequest
    ) -> (ids: [Int64?], names: [(name: String, language: String)]) {
        var contents: [SendRequest.TemplateContent] = []
        if case .template(let content) = request.content { contents.append(content) }
        if let fallback = request.fallback { contents.append(fallback) }
        var ids: [Int64?] = []
        var names: [(name: String, language: String)] = []
        for content in contents {
            switch content.choice {
            case .id(let id): ids.append(id.rawValue)
            case .name(let name, let language): names.append((name, language))
            }
        }
        return (ids, names)
    }

    private static func address(_ row: PostgresRow) throws -> Recipient {
        var reader = RowReader(row)
        return Recipient(kind: try reader.word(), value: try reader.text())
    }

    private static func conversation(_ row: PostgresRow) throws -> Conversation {
        var reader = RowReader(row)
        let id: Conversation.ID = try reader.id()
        let instance: Instance.ID = try reader.id()
        let kind = try reader.textOrNil().flatMap(Recipient.Kind.init(rawValue:))
        let value = try reader.textOrNil()
        var recipient: Recipient?
        if let kind, let value { recipient = Recipient(kind: kind, value: value) }
        return Conversation(
            id: id, instanceID: instance, recipient: recipient, lastInboundAt: try reader.timestampOrNil(),
            lastMessageAt: try reader.timestamp())
    }

    private static func approved(
        _ request: SendRequest, _ results: [PostgresRows]
    ) throws -> [(businessAccountID: String, id: Template.ID)] {
        guard case .text = request.content else { return [] }
        return try results[5].map { row in
            var reader = RowReader(row)
            return (businessAccountID: try reader.text(), id: try reader.id())
        }
    }

    private static func replyTarget(
        _ request: SendRequest, _ results: [PostgresRows]
    ) throws -> SendContext.ReplyTarget? {
        guard request.replyTo != nil, let row = results.last?.first else { return nil }
        var reader = RowReader(row)
        return SendContext.ReplyTarget(
            conversationID: try reader.id(), instanceID: try reader.id(), providerMessageID: try reader.textOrNil())
    }
}
