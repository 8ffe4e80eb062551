import Crypto
import Delivery
import Domain
import EventLoop
import Postgres
import Storage

/// Rows as a large installation has them: one account with many leads among many with few.
@Reactor
struct Dataset {
    /// The large account is account 1; its leads are 1…leads.
    let leads: Int
    let key: String
    /// Where a page of the list begins: ids spread over the account.
    let cursors: [Int]

    nonisolated static let account: Int64 = 1

    private static let chunk = 20_000
    private static let leadsOfOthers = 10

    /// - Parameters:
    ///   - provider: where the account's number is answered.
    ///   - secretKey: the one that `leadwire serve` opens the number's secrets with.
    static func load(
        into connectionString: String, secretKey: String, provider: String, leads: Int, accounts: Int
    ) async throws -> Dataset {
        guard let token = APIKeyToken(random: SecureRandom.bytes(256)), let ring = KeyRing(setting: "k1:\(secretKey)")
        else {
            throw BenchError("no key could be made")
        }
        let pool = PostgresPool(PostgresConfiguration(connectionString: connectionString))
        try await pool.start()
        let start = MonotonicTime.now
        let hash = SHA256.digest(Array(token.text.utf8))
        let sealed = try ChannelSecrets(keys: ring).sealInstance(
            token: "bench-token", account: account, providerKey: "bench")
        try await pool.withConnection { session in
            for statement in DatasetSQL.tenants {
                try await session.query(statement, [.int(Int64(accounts))])
            }
            try await session.query(DatasetSQL.key, [.text(token.prefix), .bytes(hash)])
            try await session.query(DatasetSQL.hook, [.bytes(SHA256.digest(Array("bench".utf8)))])
            try await session.query(DatasetSQL.instance, [.text(provider), .text(sealed)])
            try await session.query(DatasetSQL.template)
            // The first chunks are the large account's, so that its leads are numbered from 1.
            for from in stride(from: 1, through: leads, by: chunk) {
                let range: [PostgresValue] = [.int(Int64(from)), .int(Int64(min(from + chunk - 1, leads)))]
                for statement in DatasetSQL.leads { try await session.query(statement, range) }
                Console.progress("\(min(from + chunk - 1, leads)) of \(leads) leads")
            }
            for statement in DatasetSQL.leadsOfOthers {
                try await session.query(
                    statement, [.int(Int64(leads)), .int(Int64(accounts)), .int(Int64(leadsOfOthers))])
            }
            for statement in DatasetSQL.finish { try await session.query(statement) }
        }
        await pool.stop()
        Console.progress(
            "\(accounts) accounts, one of \(leads) leads, loaded in "
                + "\(Int(Double((MonotonicTime.now - start).nanoseconds) / 1e9)) s")
        let step = max(1, leads / 2000)
        return Dataset(
            leads: leads, key: token.text, cursors: Array(stride(from: min(leads, 50), through: leads, by: step)))
    }
}
