import Cluster
import EventLoop
package import Postgres

/// Lends `body` a pool on a database of its own, with `migrations` applied, and drops the database afterwards.
///
/// A copy of a migrated database takes some 20 ms; applying thirty tables anew, in a schema per test, took 70.
@discardableResult
package func withTestDatabase<T: Sendable>(
    migrations: [(name: String, sql: String)] = [],
    _ body: @Reactor @Sendable (PostgresPool) async throws -> T
) async throws -> T {
    try await TestDatabases.run(migrations, body)
}

@Reactor
private enum TestDatabases {
    /// Few enough that their connections, seven each and those of further pools, stay below the cluster's limit.
    private static let gate = Gate(6)
    private static var counter = 0
    private static var templates: [[String]: Task<Result<String, any Error>, Never>] = [:]

    static func run<T: Sendable>(
        _ migrations: [(name: String, sql: String)], _ body: @Reactor @Sendable (PostgresPool) async throws -> T
    ) async throws -> T {
        await gate.enter()
        defer { gate.leave() }
        let template = try await template(migrations).value.get()
        let name = try await create(from: template)
        let outcome: Result<T, any Error>
        do {
            let pool = PostgresPool(try await configuration(name))
            try await pool.start()
            do {
                outcome = .success(try await body(pool))
            } catch {
                outcome = .failure(error)
            }
            await pool.stop()
        } catch {
            outcome = .failure(error)
        }
        let keeper = try await keeper.value.get()
        _ = try? await keeper.write(Statement("drop_\(name)", "DROP DATABASE \(name) WITH (FORCE)"))
        return try outcome.get()
    }

    /// The database that has these migrations applied, made at their first use.
    private static func template(
        _ migrations: [(name: String, sql: String)]
    ) -> Task<Result<String, any Error>, Never> {
        let key = migrations.flatMap { [$0.name, $0.sql] }
        if let template = templates[key] { return template }
        let template = spawn { () -> Result<String, any Error> in
            do {
                guard !migrations.isEmpty else { return .success("template1") }
                let name = try await create(from: "template1")
                _ = try await Migrator.migrate(try await configuration(name), migrations: migrations)
                return .success(name)
            } catch {
                return .failure(error)
            }
        }
        templates[key] = template
        return template
    }

    private static func create(from template: String) async throws -> String {
        counter += 1
        let name = "test_\(counter)"
        let keeper = try await keeper.value.get()
        let sql = "CREATE DATABASE \(name) TEMPLATE \(template) STRATEGY file_copy"
        try await keeper.write(Statement("create_\(name)", sql))
        return name
    }

    private static func configuration(_ database: String) async throws -> PostgresConfiguration {
        let cluster = try await TestCluster.shared()
        // Of two settings of one keyword libpq takes the later.
        var configuration = PostgresConfiguration(
            connectionString: cluster.connectionString + " dbname=\(database)")
        configuration.readLanes = 2
        configuration.searchLanes = 1
        configuration.writeLanes = 2
        configuration.exclusive = 2
        // A machine that is busy with other builds is no failure.
        configuration.connectTimeout = .seconds(30)
        configuration.statementTimeout = .seconds(30)
        configuration.silence = .seconds(15)
        configuration.probeTimeout = .seconds(15)
        // Whoever fills a large table does so while many other tests run.
        configuration.exclusiveStatementTimeout = .seconds(120)
        configuration.waitLimit = .seconds(30)
        return configuration
    }

    /// The pool that makes and drops databases.
    private static let keeper: Task<Result<PostgresPool, any Error>, Never> = spawn {
        do {
            var configuration = try await configuration("postgres")
            configuration.readLanes = 1
            configuration.searchLanes = 1
            configuration.exclusive = 0
            let pool = PostgresPool(configuration)
            try await pool.start()
            return .success(pool)
        } catch {
            return .failure(error)
        }
    }
}

/// Lets so many in at a time and the others wait.
@Reactor
private final class Gate {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ places: Int) { free = places }

    func enter() async {
        if free > 0 {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
