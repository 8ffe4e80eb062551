import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let notes = (
    name: "0001_notes.sql", sql: "CREATE TABLE notes (id int PRIMARY KEY); CREATE INDEX ON notes (id);"
)
private let tags = (name: "0002_tags.sql", sql: "CREATE TABLE tags (id int); -- ünï\nINSERT INTO tags VALUES (1), (2);")

@Suite struct MigratorTests {
    @Test func `files are applied once, in order, and new ones later`() async throws {
        try await withTestDatabase { pool async throws in
            #expect(try await Migrator.pending(pool.configuration, migrations: [notes, tags]).count == 2)
            #expect(try await Migrator.migrate(pool, migrations: [notes]) == [notes.name])
            #expect(try await Migrator.pending(pool.configuration, migrations: [notes, tags]) == [tags.name])
            #expect(try await Migrator.migrate(pool, migrations: [notes, tags]) == [tags.name])
            #expect(try await Migrator.migrate(pool, migrations: [notes, tags]) == [])
            #expect(try await pool.read(Statement("count_tags", "SELECT count(*) FROM tags"))[0].int(0) == 2)
        }
    }

    @Test func `two that start together apply each file once`() async throws {
        try await withTestDatabase { pool async throws in
            let both = [1, 2, 3].map { _ in
                spawn { () -> Result<[String], any Error> in
                    do {
                        return .success(try await Migrator.migrate(pool, migrations: [notes, tags]))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            var applied: [String] = []
            for one in both { applied += try await one.value.get() }
            #expect(applied.sorted() == [notes.name, tags.name])
        }
    }

    @Test func `a changed file and a database that is newer are refused`() async throws {
        try await withTestDatabase(migrations: [notes, tags]) { pool async throws in
            let changed = (name: tags.name, sql: tags.sql + " ")
            for (migrations, reason) in [
                ([notes, changed], MigrationError.Reason.changed), ([notes], .databaseIsNewer),
                ([tags], .outOfOrder), ([tags, notes], .outOfOrder),
            ] {
                let error = await #expect(throws: MigrationError.self) {
                    try await Migrator.migrate(pool, migrations: migrations)
                }
                #expect(error?.reason == reason)
            }
        }
    }

    @Test func `a file that fails leaves nothing behind, and those before it stay`() async throws {
        try await withTestDatabase { pool async throws in
            let broken = (name: "0002_broken.sql", sql: "CREATE TABLE half (id int); SELECT 1/0;")
            let error = await #expect(throws: MigrationError.self) {
                try await Migrator.migrate(pool, migrations: [notes, broken])
            }
            #expect(error?.description.contains("0002_broken.sql") == true)
            let tables = try await pool.read(
                Statement("tables", "SELECT to_regclass('notes') IS NOT NULL, to_regclass('half') IS NULL"))
            #expect(try tables[0].bool(0))
            #expect(try tables[0].bool(1))
            #expect(try await Migrator.migrate(pool, migrations: [notes, tags]) == [tags.name])
        }
    }

    @Test func `a file must not end its own transaction`() async throws {
        try await withTestDatabase { pool async throws in
            await #expect(throws: MigrationError.self) {
                try await Migrator.migrate(pool, migrations: [(name: "0001", sql: "SELECT 1; COMMIT;")])
            }
        }
    }
}
