import Crypto
import Domain
import Foundation
import Storage

/// The demo's keys: kept as text in `demo.env`, the one place, so that they stay the same over runs.
struct DemoKeys: Sendable {
    let full: APIKeyToken
    let read: APIKeyToken
    let other: APIKeyToken

    static let rate = 100_000

    /// Those of the last run that the database still takes, and new ones for the others.
    static func ensure(
        in file: String, demo: Account.ID, other: Account.ID, database: Database
    ) async throws -> DemoKeys {
        let known = variables(in: file)
        func key(
            _ variable: String, _ name: String, _ account: Account.ID, _ permissions: Set<Permission>
        ) async throws -> APIKeyToken {
            if let token = known[variable].flatMap({ APIKeyToken($0) }),
                let found = try await database.keys.find(hash: SHA256.digest(Array(token.text.utf8))),
                found.key.accountID == account, found.key.isValid(at: .current)
            {
                return token
            }
            return try await NewToken.create(
                name: name, permissions: permissions, instances: nil, rate: rate, expiresAt: nil, account: account,
                database: database
            ).0
        }
        let all = Set(Permission.allCases)
        return DemoKeys(
            full: try await key("LEADWIRE_API_KEY", "demo", demo, all),
            read: try await key("LEADWIRE_READ_KEY", "demo, reading", demo, [.leadsRead, .whatsappRead]),
            other: try await key("LEADWIRE_OTHER_KEY", "demo", other, all))
    }

    private static func variables(in file: String) -> [String: String] {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { return [:] }
        var variables: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
        }
        return variables
    }
}
