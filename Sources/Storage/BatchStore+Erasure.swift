import Domain
import Postgres

/// What batches hold of a person: their own variables, what refused them, and what was shared with their name in it.
extension BatchStore {
    /// Their place in the ledger stays, as what is counted. Whose turn has not come is no lead any more when it does.
    static let scrubRecipients = Statement(
        "erase_batch_recipients",
        """
        UPDATE batch_recipients r SET variables = NULL, client_reference = NULL, report = NULL
        WHERE r.account_id = $1 AND r.lead_id = ANY ($2::bigint[])
        """)

    /// Variables that all share are many people's: they go where they hold an address of the person, or where the person
    /// is the only one that they are for.
    static let scrubShared = Statement(
        "erase_batches",
        """
        UPDATE batches b SET variables = NULL
        WHERE b.account_id = $1 AND b.variables IS NOT NULL AND (
            EXISTS (SELECT 1 FROM unnest($3::text[]) AS n (part) WHERE position(n.part IN b.variables::text) > 0)
            OR (b.total = 1 AND EXISTS (
                SELECT 1 FROM batch_recipients r
                WHERE r.account_id = $1 AND r.batch_id = b.id AND r.lead_id = ANY ($2::bigint[]))))
        """)

    static let selectOfPerson = Statement(
        "personal_batches",
        """
        SELECT jsonb_build_object(
            'batch_id', r.batch_id, 'lead_id', r.lead_id, 'state', r.state, 'code', r.code, 'variables', r.variables,
            'client_reference', r.client_reference, 'message_id', r.message_id,
            'at', \(MessageStore.instant("r.decided_at")))
        FROM leads l
        JOIN batch_recipients r ON r.account_id = $1 AND r.lead_id = l.id
        WHERE l.account_id = $1 AND l.contact_id = $2
        ORDER BY r.batch_id, r.place
        """)
}
