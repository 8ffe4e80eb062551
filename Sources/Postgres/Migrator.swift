import EventLoop

/// Applies numbered SQL files, each once and in a transaction of its own.
package enum Migrator {
    /// Returns the names of those it applied. Any number of processes may do this at the same time: one works, the
    /// others wait and find it done.
    @Reactor
    package static func migrate(
        _ configuration: PostgresConfiguration, migrations: [(name: String, sql: String)]
    ) async throws -> [String] {
        try MigrationPlan.check(migrations.map(\.name))
        let connection = try await ScriptConnection(configuration)
        defer { connection.close() }
        var applied: [String] = []
        while let name = try await applyNext(migrations, on: connection) { applied.append(name) }
        return applied
    }

    @Reactor
    package static func migrate(
        _ pool: PostgresPool, migrations: [(name: String, sql: String)]
    ) async throws -> [String] {
        try await migrate(pool.configuration, migrations: migrations)
    }

    /// The names of those that `migrate` would apply; changes nothing.
    @Reactor
    package static func pending(
        _ configuration: PostgresConfiguration, migrations: [(name: String, sql: String)]
    ) async throws -> [String] {
        try MigrationPlan.check(migrations.map(\.name))
        let connection = try await ScriptConnection(configuration)
        defer { connection.close() }
        guard try await connection.query(exists)[0].bool(0) else { return migrations.map(\.name) }
        return try await plan(migrations, on: connection).pending
    }

    // The lock is per schema and ends with the transaction, so that it also holds behind a transaction pooler.
    // Waiting for it may take as long as another's migration takes; waiting for a table may not, because everyone
    // else queues behind whoever waits for an exclusive lock.
    private static let begin = """
        BEGIN;
        SET LOCAL lock_timeout = 0;
        SELECT pg_advisory_xact_lock(hashtextextended('schema_migrations of ' || current_schema(), 0));
        SET LOCAL lock_timeout = '30s';
        CREATE TABLE IF NOT EXISTS schema_migrations (
            name text PRIMARY KEY,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        );
        """
    private static let exists = Statement(
        "lw_migrations_exist", "SELECT to_regclass('schema_migrations') IS NOT NULL")
    private static let list = Statement(
        "lw_migrations_list", "SELECT name, checksum FROM schema_migrations ORDER BY name COLLATE \"C\"")
    private static let checksums = Statement(
        "lw_migrations_checksums",
        "SELECT encode(sha256(text), 'hex') FROM unnest($1::bytea[]) WITH ORDINALITY"
            + " AS files (text, number) ORDER BY number")
    private static let record = Statement(
        "lw_migrations_record",
        "INSERT INTO schema_migrations (name, checksum) VALUES ($1, encode(sha256($2::bytea), 'hex'))")

    /// Returns the name of what it applied, nil if there was nothing left.
    @Reactor
    private static func applyNext(
        _ migrations: [(name: String, sql: String)], on connection: ScriptConnection
    ) async throws -> String? {
        try await connection.run(begin)
        let plan = try await plan(migrations, on: connection)
        guard let name = plan.pending.first, let migration = migrations.first(where: { $0.name == name }) else {
            try await connection.run("COMMIT")
            return nil
        }
        do {
            try await connection.run(migration.sql)
        } catch {
            throw MigrationError(.failed, "migration \(name) failed, nothing of it was kept: \(error)")
        }
        guard connection.isInTransaction else {
            throw MigrationError(.failed, "migration \(name) ended its transaction itself: it must hold no COMMIT")
        }
        _ = try await connection.query(record, [.text(name), .bytes(Array(migration.sql.utf8))])
        try await connection.run("COMMIT")
        return name
    }

    @Reactor
    private static func plan(
        _ migrations: [(name: String, sql: String)], on connection: ScriptConnection
    ) async throws -> MigrationPlan {
        let sums = try await connection.query(checksums, [.bytesArray(migrations.map { Array($0.sql.utf8) })])
        let known = try zip(migrations, sums).map { migration, row in
            MigrationPlan.Known(name: migration.name, checksum: try row.text(0))
        }
        let applied = try await connection.query(list).map { row in
            MigrationPlan.Known(name: try row.text(0), checksum: try row.text(1))
        }
        return try MigrationPlan(known: known, applied: applied)
    }
}
