package import Domain
package import Postgres

/// The service windows of a lead's contact.
package struct WindowStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// Every instance, with when the contact last wrote to it, if ever.
    static let selectOfLead = Statement(
        "windows_of_lead",
        """
        SELECT i.id, v.last_inbound_at
        FROM leads l
        JOIN instances i ON i.account_id = $1
        LEFT JOIN conversations v ON v.account_id = $1 AND v.contact_id = l.contact_id AND v.instance_id = i.id
        WHERE l.account_id = $1 AND l.id = $2 AND ($3::bigint[] IS NULL OR i.id = ANY ($3))
        ORDER BY i.id
        """)

    /// One for each instance, in the order of their ids; nil when there is no such lead, or it is archived.
    ///
    /// - Parameter instances: those that are told of; nil: all.
    package func windows(
        of lead: Lead.ID, instances: Set<Instance.ID>?, in account: Account.ID, now: Timestamp
    ) -> Query<[ServiceWindow]?> {
        let lookup: [PostgresValue] = [.id(account), .id(lead)]
        let seen: PostgresValue = instances.map { .intArray($0.map(\.rawValue)) } ?? .null
        return Query([(LeadStore.selectExisting, lookup), (Self.selectOfLead, lookup + [seen])]) { results in
            guard !results[0].isEmpty else { return nil }
            return try results[1].map { row in
                var r = RowReader(row)
                return ServiceWindow(instanceID: try r.id(), lastInboundAt: try r.timestampOrNil(), now: now)
            }
        }
    }
}
