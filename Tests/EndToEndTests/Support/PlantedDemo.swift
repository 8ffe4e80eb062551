import Domain
import Postgres
import Storage

@testable import leadwire

/// The demo's accounts, for servers that the tests run as processes.
enum PlantedDemo {
    private static let secret = String(repeating: "ab", count: 32)
    static let channels = DemoChannels(secret: secret)

    static func environment(_ connectionString: String) -> [String: String] {
        ["DATABASE_URL": connectionString, "LEADWIRE_SECRET_KEY": secret]
    }

    /// The account that the leads belong to, and a key of it that may do everything.
    static func plant(in pool: PostgresPool, simulatorURL: String) async throws -> (account: Account.ID, key: String) {
        var settings = try Settings([:])
        settings.secretKey = secret
        let database = Database(pool)
        let (demo, other) = try await DemoSeed(
            database: database, secrets: try SecretFile.secrets(settings), channels: channels,
            simulatorURL: simulatorURL
        ).plant()
        let keys = try await DemoKeys.ensure(in: "/nonexistent", demo: demo, other: other, database: database)
        return (demo, keys.full.text)
    }
}
