package import Domain
import JSON
package import Postgres

/// Messages as they are read.
package struct MessageStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// A message as it stands, and when its contact last wrote to the instance: all that a send's answer shows.
    package struct Standing: Sendable {
        package let message: Message
        package let lastInboundAt: Timestamp?

        package init(message: Message, lastInboundAt: Timestamp?) {
            self.message = message
            self.lastInboundAt = lastInboundAt
        }
    }

    static let columns = """
        m.account_id, m.id, m.lead_id, m.conversation_id, m.instance_id, m.direction, m.type, m.status, m.text,
        m.details, m.template_id, m.template_name, m.template_language, m.template_category, m.client_reference,
        m.provider_message_id, m.attempts, m.error, m.used_fallback, m.queued_at, m.accepted_at, m.sent_at,
        m.delivered_at, m.read_at, m.failed_at
        """

    /// With the conversation's last inbound instant, from which the answer shows the window.
    static let selectOne = Statement(
        "message_get",
        """
        SELECT \(columns), v.last_inbound_at
        FROM messages m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        WHERE m.account_id = $1 AND m.id = $2
        """)

    package func get(_ id: Message.ID, of account: Account.ID) async throws -> Standing? {
        try await pool.read(Self.selectOne, [.id(account), .id(id)]).first.map(Self.standing)
    }

    /// A row of `columns` and the conversation's last inbound instant.
    static func standing(_ row: PostgresRow) throws -> Standing {
        var reader = RowReader(row)
        return Standing(message: try message(&reader), lastInboundAt: try reader.timestampOrNil())
    }

    static func message(_ r: inout RowReader) throws -> Message {
        let account: Account.ID = try r.id()
        let id: Message.ID = try r.id()
        let lead: Lead.ID? = try r.idOrNil()
        let conversation: Conversation.ID = try r.id()
        let instance: Instance.ID = try r.id()
        let direction: Message.Direction = try r.word()
        let type = try r.text()
        let status: MessageStatus = try r.word()
        let text = try r.textOrNil()
        let details = try r.jsonOrNil()?.object
        let template = try Self.template(&r)
        return Message(
            id: id, accountID: account, leadID: lead, conversationID: conversation, instanceID: instance,
            direction: direction, type: type, status: status, text: text, details: details,
            template: template,
            clientReference: try r.textOrNil(), providerMessageID: try r.textOrNil(), attempts: Int(try r.int()),
            error: try r.jsonOrNil().flatMap(ProviderFault.init(json:)), usedFallback: try r.bool(),
            queuedAt: try r.timestamp(), acceptedAt: try r.timestampOrNil(), sentAt: try r.timestampOrNil(),
            deliveredAt: try r.timestampOrNil(), readAt: try r.timestampOrNil(), failedAt: try r.timestampOrNil())
    }

    private static func template(_ r: inout RowReader) throws -> Message.TemplateReference? {
        let id: Template.ID? = try r.idOrNil()
        let (name, language, category) = (try r.textOrNil(), try r.textOrNil(), try r.textOrNil())
        guard let id, let name, let language, let category else { return nil }
        return Message.TemplateReference(id: id, name: name, language: language, category: category)
    }
}

/// How a fault is kept in the database.
extension ProviderFault {
    var json: JSONValue {
        .object(
            JSONObject([
                ("provider", .string(provider.rawValue)), ("code", code.map(JSONValue.string) ?? .null),
                ("title", .string(title)), ("details", details.map(JSONValue.string) ?? .null),
                ("retryable", .bool(retryable)),
            ]))
    }

    init?(json: JSONValue) {
        guard let provider = json["provider"]?.string.flatMap(Instance.Provider.init(rawValue:)),
            let title = json["title"]?.string
        else { return nil }
        self.init(
            provider: provider, code: json["code"]?.string, title: title, details: json["details"]?.string,
            retryable: json["retryable"]?.bool ?? false)
    }
}
