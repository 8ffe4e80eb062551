extension MessageStore {
    /// The `data` of an event about the row `m` of `columns`: the message as the API shows it at that moment.
    static let eventData = """
        jsonb_build_object('message', jsonb_build_object(
            'id', m.id, 'lead_id', m.lead_id, 'conversation_id', m.conversation_id, 'instance_id', m.instance_id,
            'direction', m.direction, 'type', m.type, 'status', m.status, 'text', m.text,
            'template', CASE WHEN m.template_id IS NOT NULL THEN jsonb_build_object(
                'id', m.template_id, 'name', m.template_name, 'language', m.template_language,
                'category', m.template_category) END,
            'client_reference', m.client_reference, 'provider_message_id', m.provider_message_id,
            'attempts', m.attempts,
            'error', CASE WHEN m.error IS NOT NULL THEN jsonb_build_object(
                'name', m.error->'provider', 'code', m.error->'code', 'title', m.error->'title',
                'details', m.error->'details', 'retryable', m.error->'retryable') END,
            'queued_at', \(instant("m.queued_at")), 'accepted_at', \(instant("m.accepted_at")),
            'sent_at', \(instant("m.sent_at")), 'delivered_at', \(instant("m.delivered_at")),
            'read_at', \(instant("m.read_at")), 'failed_at', \(instant("m.failed_at")))
            || COALESCE(m.details, '{}'))
        """

    /// RFC 3339 with milliseconds, as everywhere in the API.
    static func instant(_ column: String) -> String {
        "to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
    }
}
