package import Domain
package import Postgres

/// Reports on messages whose provider id is not known yet, kept until it is.
package struct ParkedStatusStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let insert = Statement(
        "parked_status_insert",
        """
        INSERT INTO parked_statuses (account_id, instance_id, provider_message_id, status, at, error, parked_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """)

    /// Those that a message has been found for since.
    static let selectFound = Statement(
        "parked_status_found",
        """
        SELECT p.account_id, p.id, p.instance_id, p.provider_message_id, p.status, p.at, p.error
        FROM parked_statuses p
        JOIN messages m ON m.account_id = p.account_id AND m.instance_id = p.instance_id
            AND m.provider_message_id = p.provider_message_id
        ORDER BY p.parked_at
        LIMIT $1
        """)

    static let delete = Statement(
        "parked_status_delete", "DELETE FROM parked_statuses WHERE account_id = $1 AND id = $2")

    static let deleteOld = Statement("parked_status_forget", "DELETE FROM parked_statuses WHERE parked_at < $1")

    package struct Parked: Sendable {
        package let id: Int64
        package let account: Account.ID
        package let instance: Instance.ID
        package let report: InboundStore.Report
    }

    func park(
        _ report: InboundStore.Report, of account: Account.ID, _ instance: Instance.ID, now: Timestamp
    ) async throws {
        try await pool.write(
            Self.insert,
            [
                .id(account), .id(instance), .text(report.providerMessageID), .text(report.status.rawValue),
                .time(report.at), .tree(report.fault?.json), .time(now),
            ])
    }

    package func found(limit: Int) async throws -> [Parked] {
        try await pool.read(Self.selectFound, [.int(Int64(limit))]).map { row in
            var reader = RowReader(row)
            let account: Account.ID = try reader.id()
            let id = try reader.int()
            let instance: Instance.ID = try reader.id()
            return Parked(
                id: id, account: account, instance: instance,
                report: InboundStore.Report(
                    messageID: nil, providerMessageID: try reader.text(), status: try reader.word(),
                    at: try reader.timestamp(), fault: try reader.jsonOrNil().flatMap(ProviderFault.init(json:))))
        }
    }

    package func remove(_ parked: Parked) async throws {
        try await pool.write(Self.delete, [.id(parked.account), .int(parked.id)])
    }

    package func forget(before time: Timestamp) async throws {
        try await pool.write(Self.deleteOld, [.time(time)])
    }
}
