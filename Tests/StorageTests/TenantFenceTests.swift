import Foundation
import Postgres
import Storage
import TestSupport
import Testing

/// No statement reaches a tenant's table but by the account it was given.
@Suite struct TenantFenceTests {
    /// The tables that hold a tenant's rows: those with an `account_id`.
    private static let selectTables = Statement(
        "fence_tables",
        """
        SELECT DISTINCT table_name::text FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'account_id'
        """)

    private static func withFence(
        _ body: @escaping @Sendable (TenantFence, PostgresPool) async throws -> Void
    ) async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let tables = try await pool.read(selectTables).map { row in try row.text(0) }
            #expect(tables.count > 10)
            try await body(TenantFence(tenantTables: Set(tables)), pool)
        }
    }

    @Test func `every statement keeps to one account, but for those listed with their reason`() async throws {
        try await Self.withFence { fence, _ in
            for statement in StatementCatalog.all where StatementCatalog.acrossAccounts[statement.name] == nil {
                #expect(fence.faults(in: statement.sql) == [], "\(statement.name)")
            }
        }
    }

    @Test func `the list of exceptions holds nothing that is none`() async throws {
        try await Self.withFence { fence, _ in
            let names = Set(StatementCatalog.all.map(\.name))
            for name in StatementCatalog.acrossAccounts.keys {
                #expect(names.contains(name), "\(name) is no statement")
            }
        }
    }

    @Test func `a statement that lost one of its conditions is caught`() async throws {
        try await Self.withFence { fence, _ in
            var mutants = 0
            for statement in StatementCatalog.all where StatementCatalog.acrossAccounts[statement.name] == nil {
                for mutant in Self.mutants(of: statement.sql) {
                    mutants += 1
                    #expect(!fence.faults(in: mutant).isEmpty, "\(statement.name) without one of them: \(mutant)")
                }
            }
            #expect(mutants > 80)
        }
    }

    /// The statement without one `account_id = $1`, and with another value in place of the account it writes.
    private static func mutants(of sql: String) -> [String] {
        let conditions = sql.ranges(of: /(\w+\.)?account_id = \$1(?!\d)/).map {
            sql.replacingCharacters(in: $0, with: "true")
        }
        let writes = sql.ranges(of: /(VALUES \(|SELECT )\$1(?!\d)/).map { range in
            sql.replacingCharacters(in: range, with: sql[range].replacing("$1", with: "$2"))
        }
        return conditions + writes
    }

    @Test(arguments: [
        "SELECT 1 FROM leads WHERE id = $2",
        "SELECT 1 FROM leads l WHERE account_id = $1 AND l.id = $2",
        "SELECT 1 FROM leads l JOIN contacts c ON c.id = l.contact_id WHERE l.account_id = $1",
        "SELECT 1 FROM leads WHERE account_id = $1 OR id = $2",
        "SELECT 1 FROM leads WHERE account_id = $2",
        "SELECT 1 FROM leads l, contacts c WHERE l.account_id = $1",
        "UPDATE leads SET name = $2 WHERE id = $3",
        "DELETE FROM leads WHERE id = $1",
        "DELETE FROM leads l USING contacts c WHERE l.account_id = $1",
        "INSERT INTO leads (name, account_id) VALUES ($1, $2)",
        "INSERT INTO leads (account_id, name) VALUES ($2, $1)",
        "INSERT INTO leads (account_id, name) SELECT id, name FROM elsewhere",
        "INSERT INTO leads (account_id, name) SELECT $1, $2 UNION ALL SELECT $2, $1",
        "SELECT EXISTS (SELECT 1 FROM leads) FROM contacts WHERE account_id = $1",
    ])
    func `a hole in the fence is seen`(_ sql: String) {
        #expect(!TenantFence(tenantTables: ["leads", "contacts"]).faults(in: sql).isEmpty)
    }

    @Test func `every name is given once`() {
        let names = StatementCatalog.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    /// A statement that is missing in the catalog escapes the fence.
    @Test func `every statement of the source is in the catalog`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/Storage")
        let known = Set(StatementCatalog.all.map(\.name))
        var found = 0
        for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) where file.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            for match in text.matches(of: /Statement\(\s*"([^"]+)"/) {
                // Partitions are named by their month, and hold no account's rows by themselves; a look at a table
                // tells nobody what is in it.
                guard !match.1.hasPrefix("partition_"), match.1 != "statistics_refresh" else { continue }
                found += 1
                let name = match.1.prefix { $0 != "\\" }
                #expect(known.contains { $0 == name || ($0.hasPrefix(name) && match.1.contains("\\")) }, "\(match.1)")
            }
        }
        #expect(found > 50)
    }

    @Test func `the database takes every statement as it is written`() async throws {
        try await Self.withFence { _, pool in
            try await pool.withConnection { session in
                for statement in StatementCatalog.all {
                    do {
                        for sql in ["PREPARE checked AS \(statement.sql)", "DEALLOCATE checked"] {
                            _ = try await session.query(Statement("p", sql, isPrepared: false))
                        }
                    } catch {
                        Issue.record("\(statement.name): \(error)")
                    }
                }
            }
        }
    }
}
