import Domain
import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// The built binary, as an operator runs it.
@Suite(.enabled(if: CommandRun.binary != nil, "leadwire is not built beside the tests"))
struct CommandsTests {
    private static func withDatabase(
        _ body: @escaping @Reactor @Sendable (Database, [String: String]) async throws -> Void
    ) async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            try await body(Database(pool), ["DATABASE_URL": pool.configuration.connectionString])
        }
    }

    /// The operator's lines: no key wrote them.
    private static let selectAudit = Statement(
        "test_audit",
        "SELECT account_id, action, changes::text, entity_id FROM audit_log WHERE api_key_id IS NULL ORDER BY id")

    @Test func `accounts are made, listed, suspended and let in again`() async throws {
        try await Self.withDatabase { database, environment in
            func account(_ words: String...) async throws -> (Int32, String) {
                try await CommandRun.run(["account"] + words, environment: environment)
            }
            let (status, made) = try await account(
                "create", "--name", "Imóveis Sul", "--locale", "pt-BR", "--timezone", "America/Sao_Paulo", "--country",
                "br", "--currency=BRL")
            #expect(status == 0, "\(made)")
            #expect(made == "account 1 Imóveis Sul\n")
            #expect(try await account("create", "--name", "Segunda").1 == "account 2 Segunda\n")
            let first = try #require(try await database.accounts.all().first)
            #expect(first.defaultCountry == "BR" && first.currency == "BRL" && first.locale == "pt-BR")
            #expect(try await account("suspend", "2").0 == 0)
            #expect(try await account("list").1 == "1\tactive\tImóveis Sul\n2\tsuspended\tSegunda\n")
            #expect(try await account("activate", "2").0 == 0)
            #expect(try await database.accounts.all().allSatisfy { $0.status == .active })
            let (missing, words) = try await account("suspend", "99")
            #expect(missing == 1)
            #expect(words.contains("no account 99"))
            // Doing again what was done changes nothing, and is no line more.
            #expect(try await account("activate", "2").0 == 0)
            let lines = try await database.pool.read(Self.selectAudit).map { row in
                "\(try row.int(0)) \(try row.text(1)) \(try row.textOrNil(2) ?? "-")"
            }
            #expect(
                lines == [
                    "1 account.create -", "2 account.create -",
                    #"2 account.update {"status": ["active", "suspended"]}"#,
                    #"2 account.update {"status": ["suspended", "active"]}"#,
                ])
        }
    }

    @Test func `keys are made, shown once, listed and revoked`() async throws {
        try await Stage.run { stage in
            let environment = ["DATABASE_URL": stage.database.pool.configuration.connectionString]
            func keys(_ words: String...) async throws -> (Int32, String) {
                try await CommandRun.run(["keys"] + words, environment: environment)
            }
            let account = "\(stage.demo)"
            let (status, made) = try await keys(
                "create", "--account", account, "--name", "CRM", "--permission", "leads:read", "--permission",
                "whatsapp:read,messages:read", "--instance", "2", "--rate", "30", "--expires", "2099-01-01T00:00:00Z")
            #expect(status == 0, "\(made)")
            let token = try #require(made.split(separator: "\n").last.map(String.init))
            let me = try await stage.get("/api/v1/me", key: token)
            #expect(me.status == 200)
            #expect(me.data["key"]?["permissions"] == ["leads:read", "whatsapp:read", "messages:read"])
            #expect(me.data["key"]?["instance_ids"] == [2])
            #expect(me.data["key"]?["rate_per_minute"] == 30)
            #expect(me.data["key"]?["expires_at"] == "2099-01-01T00:00:00.000Z")
            #expect(me.data["key"]?["name"] == "CRM")

            let (_, plain) = try await keys("create", "--account", account, "--name", "tudo")
            let all = try #require(plain.split(separator: "\n").last.map(String.init))
            let allowed = try await stage.get("/api/v1/me", key: all).data["key"]
            #expect(allowed?["permissions"]?.array?.count == Permission.allCases.count)
            #expect(allowed?["rate_per_minute"] == 60)

            let list = try await keys("list", "--account", account).1
            #expect(!list.contains(token) && !list.contains(all))
            #expect(list.contains(token.prefix(8)))
            let id = try #require(me.data["key"]?["id"]?.int64)
            #expect(try await keys("revoke", "--account", account, "\(id)").0 == 0)
            #expect(try await keys("list", "--account", account).1.contains("revoked"))
            #expect(try await keys("revoke", "--account", account, "\(id)").0 == 0)
            #expect(try await stage.audited("api_key", id).map(\.action) == ["api_key.delete", "api_key.create"])
            // By another account's hand nothing is revoked.
            let other = try #require(try await stage.get("/api/v1/me", key: all).data["key"]?["id"]?.int64)
            let (foreign, words) = try await keys("revoke", "--account", "\(stage.other)", "\(other)")
            #expect(foreign == 1)
            #expect(words.contains("has no key"))
            #expect(try await keys("create", "--account", "99", "--name", "x").0 == 1)
            #expect(try await keys("create", "--account", account, "--name", "x", "--instance", "3").0 == 1)
        }
    }

    @Test(arguments: [
        ["nonsense"], ["account"], ["account", "destroy"], ["account", "create"], ["account", "create", "--name"],
        ["account", "create", "--name", ""], ["account", "create", "--nome", "x"],
        ["account", "create", "--name", "x", "--country", "BRA"],
        ["account", "create", "--name", "x", "--currency", "R$"],
        ["account", "create", "--name", "x", "--timezone", "Mars/Olympus"], ["account", "suspend"],
        ["account", "suspend", "one"], ["account", "list", "more"], ["keys"], ["keys", "list"],
        ["keys", "create", "--account", "1"], ["keys", "create", "--account", "x", "--name", "k"],
        ["keys", "create", "--account", "1", "--name", "k", "--permission", "leads:fly"],
        ["keys", "create", "--account", "1", "--name", "k", "--rate", "0"],
        ["keys", "create", "--account", "1", "--name", "k", "--expires", "tomorrow"],
        ["keys", "create", "--account", "1", "--name", "k", "--instance", "x"], ["keys", "revoke", "--account", "1"],
        ["worker"], ["serve", "--workers", "0"], ["serve", "--workers", "65"], ["serve", "--port", "70000"],
        ["serve", "now"], ["demo", "--port", "http"], ["demo", "--ports", "1"],
        ["migrate", "down"], ["simulator", "--port", "-1"],
    ])
    func `words that make no sense end with 2 and an explanation`(_ words: [String]) async throws {
        try await onReactor {
            let (status, output) = try await CommandRun.run(words)
            #expect(status == 2, "\(output)")
            #expect(output.hasPrefix("leadwire: "))
            #expect(output.utf8.count > 20)
        }
    }

    @Test func `help and version need nothing`() async throws {
        try await onReactor {
            for words in [["help"], ["--help"], []] {
                let (status, output) = try await CommandRun.run(words)
                #expect(status == 0)
                for command in ["demo", "serve", "migrate", "simulator", "account", "keys", "version"] {
                    #expect(output.contains("  \(command)"), "\(command)")
                }
            }
            let (status, output) = try await CommandRun.run(["version"])
            #expect(status == 0)
            #expect(output == "leadwire \(Version.current)\n")
        }
    }

    @Test func `every mistake of the configuration is told at once`() async throws {
        try await onReactor {
            let (status, output) = try await CommandRun.run(
                ["serve"],
                environment: [
                    "DATABASE_URL": "host=/nonexistent", "DATABASE_URL_FILE": "/nonexistent/url",
                    "LEADWIRE_PORT": "http", "LEADWIRE_LOG_LEVEL": "loud", "LEADWIRE_SECRET_KEY": "short",
                    "LEADWIRE_HOST_FILE": "/nonexistent/host",
                ])
            #expect(status == 1)
            for name in [
                "DATABASE_URL and DATABASE_URL_FILE", "LEADWIRE_PORT", "LEADWIRE_LOG_LEVEL", "LEADWIRE_SECRET_KEY",
                "LEADWIRE_HOST_FILE",
            ] { #expect(output.contains(name), "\(name): \(output)") }
            let (alone, words) = try await CommandRun.run(
                ["serve"], environment: ["DATABASE_URL": "host=/nonexistent", "LEADWIRE_PORT": "http"])
            #expect(alone == 1)
            #expect(words.contains("LEADWIRE_PORT") && words.contains("LEADWIRE_SECRET_KEY"), "\(words)")
        }
    }

    @Test func `a server answers on a database that was migrated, and ends in order`() async throws {
        try await withTestDatabase { pool in
            let environment = [
                "DATABASE_URL": pool.configuration.connectionString,
                "LEADWIRE_SECRET_KEY": String(repeating: "ab", count: 32),
            ]
            let (unready, words) = try await CommandRun.run(["serve", "--port", "0"], environment: environment)
            #expect(unready == 1)
            #expect(words.contains("leadwire migrate"), "\(words)")
            let (migrated, first) = try await CommandRun.run(["migrate"], environment: environment)
            #expect(migrated == 0)
            #expect(first.hasPrefix("applied "))
            #expect(try await CommandRun.run(["migrate"], environment: environment).1 == "up to date\n")
            let server = try CommandRun(["serve", "--port", "0"], environment: environment)
            #expect(await server.says("server.started"))
            server.send(.terminate)
            #expect(await server.ended() == 0, "\(server.output)")
        }
    }
}
