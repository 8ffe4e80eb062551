import Domain
import JSON
import Postgres

extension LeadStore {
    /// The `data` of an event about the lead `l`, its contact `c`, stage `s` and pipeline `p`: the lead as the API shows
    /// it at that moment.
    static let eventData = """
        jsonb_build_object('lead', jsonb_build_object(
            'id', l.id, 'contact_id', l.contact_id, 'external_id', l.external_id, 'name', l.name, 'phone', c.phone,
            'email', c.email, 'company', c.company, 'birthday', c.birthday,
            'value', trim_scale(l.value_minor * CASE WHEN l.currency IN (\(quoted(Currency.without))) THEN 1
                WHEN l.currency IN (\(quoted(Currency.three))) THEN 0.001 ELSE 0.01 END),
            'currency', l.currency, 'source', l.source,
            'status', CASE WHEN l.archived_at IS NULL THEN l.status ELSE 'archived' END, 'tags', l.tags,
            'pipeline_id', l.pipeline_id, 'stage_id', l.stage_id,
            'stage', jsonb_build_object('id', l.stage_id, 'name', s.name),
            'pipeline', jsonb_build_object('id', l.pipeline_id, 'name', p.name),
            'assigned_to', l.assigned_to, 'notes', l.notes, 'utm_source', l.utm_source, 'utm_medium', l.utm_medium,
            'utm_campaign', l.utm_campaign, 'utm_term', l.utm_term, 'utm_content', l.utm_content,
            'custom_fields', l.custom_fields, 'lost_reason_id', l.lost_reason_id,
            'won_at', \(MessageStore.instant("l.won_at")), 'lost_at', \(MessageStore.instant("l.lost_at")),
            'opted_out', c.opted_out_at IS NOT NULL, 'created_at', \(MessageStore.instant("l.created_at")),
            'updated_at', \(MessageStore.instant("l.updated_at")), 'version', l.version))
        """

    /// The `data` of an event about the contact `c`.
    static let contactEventData = """
        jsonb_build_object('contact', jsonb_build_object(
            'id', c.id, 'name', c.name, 'phone', c.phone, 'email', c.email, 'company', c.company,
            'birthday', c.birthday, 'opted_out', c.opted_out_at IS NOT NULL,
            'marketing_stopped', c.marketing_stopped_at IS NOT NULL,
            'created_at', \(MessageStore.instant("c.created_at")),
            'updated_at', \(MessageStore.instant("c.updated_at")), 'version', c.version))
        """

    private static func quoted(_ words: Set<String>) -> String {
        words.sorted().map { "'\($0)'" }.joined(separator: ", ")
    }

    /// Tells of leads as they stand at the end of the transaction.
    static let insertEvents = Statement(
        "lead_events",
        """
        INSERT INTO events (account_id, type, created_at, lead_id, data, previous, api_key_id)
        SELECT $1, e.type, $2, l.id, \(eventData), e.previous, $6
        FROM unnest($3::bigint[], $4::text[], $5::jsonb[]) WITH ORDINALITY AS e (lead_id, type, previous, position)
        JOIN leads l ON l.account_id = $1 AND l.id = e.lead_id
        \(joins)
        ORDER BY e.position
        """)

    /// What is told of one lead.
    struct Fact {
        let lead: Lead.ID
        let event: LeadEvent
        let previous: JSONValue?
    }

    @PostgresActor
    static func tell(_ facts: [Fact], in write: WriteTransaction) {
        guard !facts.isEmpty else { return }
        write.atEnd(
            insertEvents,
            [
                .id(write.account), .time(write.now), .intArray(facts.map(\.lead.rawValue)),
                .textArray(facts.map(\.event.rawValue)), .jsonArray(facts.map { $0.previous?.serialized() }),
                .id(write.actor.apiKeyID),
            ])
    }
}
