import Domain
import JSON
import Postgres

/// How leads and contacts are written: any number of rows travel as one JSON text, so that one statement serves one and
/// five hundred.
extension LeadStore {
    /// What a write sets beside the ids and the instants, in one order for all statements.
    static let written = [
        "external_id", "name", "pipeline_id", "stage_id", "status", "archived_at", "value_minor", "currency", "source",
        "tags", "assigned_to", "notes", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
        "custom_fields", "lost_reason_id", "won_at", "lost_at",
    ]

    static let rowTypes = """
        id bigint, contact_id bigint, external_id text, name text, pipeline_id bigint, stage_id bigint, status text,
            archived_at timestamptz, value_minor bigint, currency text, source text, tags text[], assigned_to bigint,
            notes text, utm_source text, utm_medium text, utm_campaign text, utm_term text, utm_content text,
            custom_fields jsonb, lost_reason_id bigint, won_at timestamptz, lost_at timestamptz
        """

    /// - Parameter status: the one beside being archived.
    static func row(_ lead: Lead, status: Lead.Status, archivedAt: Timestamp?) -> JSONValue {
        .object(
            JSONObject([
                ("id", lead.id.rawValue == 0 ? .null : .integer(lead.id.rawValue)),
                ("contact_id", .integer(lead.contactID.rawValue)), ("external_id", .text(lead.externalID)),
                ("name", .string(lead.name)), ("pipeline_id", .integer(lead.pipeline?.id)),
                ("stage_id", .integer(lead.stage?.id)), ("status", .string(status.rawValue)),
                ("archived_at", time(archivedAt)), ("value_minor", .integer(lead.valueMinor)),
                ("currency", .string(lead.currency)), ("source", .text(lead.source)),
                ("tags", .array(lead.tags.map { .string($0) })), ("assigned_to", .integer(lead.assignedTo)),
                ("notes", .text(lead.notes)), ("utm_source", .text(lead.utm.source)),
                ("utm_medium", .text(lead.utm.medium)), ("utm_campaign", .text(lead.utm.campaign)),
                ("utm_term", .text(lead.utm.term)), ("utm_content", .text(lead.utm.content)),
                ("custom_fields", lead.customFields), ("lost_reason_id", .integer(lead.lostReasonID)),
                ("won_at", time(lead.wonAt)), ("lost_at", time(lead.lostAt)),
            ]))
    }

    /// - Parameter previous: what an event tells of the contact as it was.
    static func row(_ contact: Contact, previous: JSONObject = JSONObject()) -> JSONValue {
        .object(
            JSONObject([
                ("id", contact.id.rawValue == 0 ? .null : .integer(contact.id.rawValue)), ("name", .text(contact.name)),
                ("phone", .text(contact.phone)), ("email", .text(contact.email)), ("company", .text(contact.company)),
                ("birthday", .text(contact.birthday)), ("previous", .object(previous)),
            ]))
    }

    static func rows(_ rows: [JSONValue]) -> PostgresValue { .json(JSONValue.array(rows).serialized()) }

    static let contactTypes = """
        id bigint, name text, phone text, email text, company text, birthday date, previous jsonb
        """

    /// Microseconds, which RFC 3339 with milliseconds would lose.
    private static func time(_ time: Timestamp?) -> JSONValue {
        guard let time else { return .null }
        let rest = time.microseconds % 1_000_000
        let digits = String(rest < 0 ? rest + 1_000_000 : rest)
        let fraction = String(repeating: "0", count: 6 - digits.utf8.count) + digits
        return .string("\(time.text.prefix(19)).\(fraction)Z")
    }
}
