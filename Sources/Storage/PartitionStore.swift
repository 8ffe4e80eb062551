package import Domain
package import Postgres

/// Makes the monthly partitions of the tables that are kept by time, ahead of the clock.
package struct PartitionStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    package static let tables = ["attempts", "audit_log", "events", "hook_bodies", "inbound_failures"]

    /// This month's and the next two months' partitions; a process that is down for two months still finds its own.
    package func ensure(now: Timestamp) async throws {
        for table in Self.tables {
            for month in 0..<3 { try await ensure(table, Month(containing: now).advanced(by: month)) }
        }
    }

    /// Names cannot be bound; table and month are our own words and digits, nothing from outside enters the text.
    private func ensure(_ table: String, _ month: Month) async throws {
        let next = month.advanced(by: 1)
        let name = "\(table)_\(month.digits)"
        do {
            _ = try await pool.write(
                Statement(
                    "partition_\(name)",
                    """
                    CREATE TABLE IF NOT EXISTS \(name) PARTITION OF \(table)
                    FOR VALUES FROM ('\(month.firstDay)') TO ('\(next.firstDay)')
                    """))
        } catch {
            // 23514: rows of that month are in the default partition already, and stay there.
            // 42P07: another process made it at the same moment.
            guard error.sqlState == "23514" || error.sqlState == "42P07" else { throw error }
        }
    }
}

/// A month of the Gregorian calendar, UTC.
struct Month: Hashable {
    let year: Int
    let month: Int

    init(year: Int, month: Int) {
        self.year = year
        self.month = month
    }

    init(containing time: Timestamp) {
        let text = time.text
        year = Int(text.prefix(4)) ?? 1970
        month = Int(text.dropFirst(5).prefix(2)) ?? 1
    }

    func advanced(by months: Int) -> Month {
        let index = year * 12 + month - 1 + months
        return Month(year: index / 12, month: index % 12 + 1)
    }

    var digits: String { "\(year)\(month < 10 ? "0" : "")\(month)" }
    var firstDay: String { "\(year)-\(month < 10 ? "0" : "")\(month)-01" }
}
