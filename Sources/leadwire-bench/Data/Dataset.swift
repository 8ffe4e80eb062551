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
    /// Of account 2, if that has more than the others: its leads follow.
    let second: (leads: Int, key: String)?
    /// Where a page of the list begins: ids spread over the account.
    let cursors: [Int]

    nonisolated static let account: Int64 = 1

    private static let chunk = 20_000
    private static let leadsOfOthers = 10

    /// - Parameters:
    ///   - provider: where the account's number is answered.
    ///   - second: leads of account 2; nil where it is like the others.
    ///   - secretKey: the one that `leadwire serve` opens the number's secrets with.
    static func load(
        into connectionString: String, secretKey: String, provider: String, leads: Int, second: Int? = nil,
        accounts: Int
    ) async throws -> Dataset {
        guard let ring = KeyRing(setting: "k1:\(secretKey)") else { throw BenchError("no key could be made") }
        let (token, secondToken) = (try Self.token(), try Self.token())
        let pool = PostgresPool(PostgresConfiguration(connectionString: connectionString))
        try await pool.start()
        let start = MonotonicTime.now
        let sealed = try ChannelSecrets(keys: ring).sealInstance(
            token: "bench-token", account: account, providerKey: "bench")
        try await pool.withConnection { session in
            for statement in DatasetSQL.tenants {
                try await session.query(statement, [.int(Int64(accounts))])
            }
            for (account, token) in [(account, token), (account + 1, secondToken)] {
                let hash = SHA256.digest(Array(token.text.utf8))
                try await session.query(DatasetSQL.key, [.text(token.prefix), .bytes(hash), .int(account)])
            }
            try await session.query(DatasetSQL.hook, [.bytes(SHA256.digest(Array("bench".utf8)))])
            try await session.query(DatasetSQL.instance, [.text(provider), .text(sealed)])
            try await session.query(DatasetSQL.template)
            // The large account comes first, so that its leads are numbered from 1.
            try await load(leads, of: account, after: 0, session)
            try await load(second ?? 0, of: account + 1, after: leads, session)
            let numbers = [leads + (second ?? 0), accounts, leadsOfOthers, second == nil ? 2 : 3]
            for statement in DatasetSQL.leadsOfOthers {
                try await session.query(statement, numbers.map { .int(Int64($0)) })
            }
            for statement in DatasetSQL.finish { try await session.query(statement) }
        }
        await pool.stop()
        Console.progress(
            "\(accounts) accounts, one of \(leads) leads, loaded in "
                + "\(Int(Double((MonotonicTime.now - start).nanoseconds) / 1e9)) s")
        let step = max(1, leads / 2000)
        return Dataset(
            leads: leads, key: token.text, second: second.map { ($0, secondToken.text) },
            cursors: Array(stride(from: min(leads, 50), through: leads, by: step)))
    }

    private static func token() throws -> APIKeyToken {
        guard let token = APIKeyToken(random: SecureRandom.bytes(256)) else { throw BenchError("no key could be made") }
        return token
    }

    private static func load(
        _ leads: Int, of account: Int64, after before: Int, _ session: PostgresSession
    ) async throws {
        for from in stride(from: 1, through: leads, by: chunk) {
            let last = min(from + chunk - 1, leads)
            for statement in DatasetSQL.leads {
                try await session.query(
                    statement,
                    [.int(Int64(before + from)), .int(Int64(before + last)), .int(account), .int(Int64(before))])
            }
            Console.progress("\(last) of \(leads) leads")
        }
    }
}
