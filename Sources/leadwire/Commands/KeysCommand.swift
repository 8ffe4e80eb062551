import API
import Domain
import EventLoop
import Storage

/// `leadwire keys create|list|revoke`
enum KeysCommand {
    @Reactor
    static func run(_ words: [String]) async throws {
        let arguments = try Arguments(
            words, known: ["account", "name", "permission", "instance", "rate", "expires", "data-dir"])
        try arguments.refusePositional(beyond: 2)
        var settings = try Settings()
        if let folder = arguments["data-dir"] { settings.dataDirectory = folder }
        let action = try action(arguments)
        let access = try await DatabaseAccess.sharing(settings)
        do {
            try await action(access.database)
        } catch {
            await access.close()
            throw error
        }
        await access.close()
    }

    private typealias Action = @Reactor (Database) async throws -> Void

    private static func action(_ arguments: Arguments) throws -> Action {
        guard let account = try arguments.integer("account", in: 1...Account.ID.maximum).map({ Account.ID($0) }) else {
            throw CommandError.usage("--account is needed (leadwire account list shows them)")
        }
        switch arguments.positional.first {
        case "create":
            try arguments.refusePositional(beyond: 1)
            return try create(arguments, account)
        case "list":
            try arguments.refusePositional(beyond: 1)
            return { database in
                for key in try await database.keys.all(of: account) { Console.line(line(key)) }
            }
        case "revoke":
            guard arguments.positional.count == 2, let id = Int64(arguments.positional[1]) else {
                throw CommandError.usage("give the key's id")
            }
            return { database in
                guard try await database.keys.revoke(APIKey.ID(id), of: account, now: .current) else {
                    throw CommandError("account \(account) has no key \(id)")
                }
                Console.line("key \(id) is revoked")
            }
        default: throw CommandError.usage("keys takes create, list or revoke")
        }
    }

    private static func create(_ arguments: Arguments, _ account: Account.ID) throws -> Action {
        let given = try arguments.all("permission").flatMap { $0.split(separator: ",") }.map { word in
            guard let permission = Permission(rawValue: String(word)) else {
                throw CommandError.usage(
                    "there is no permission \(word); there are: "
                        + Permission.allCases.map(\.rawValue).joined(separator: " "))
            }
            return permission
        }
        let instances = try arguments.all("instance").flatMap { $0.split(separator: ",") }.map { word in
            guard let id = Int64(word), id > 0 else { throw CommandError.usage("--instance is an instance's id") }
            return Instance.ID(id)
        }
        var expires: Timestamp?
        if let text = arguments["expires"] {
            expires = Timestamp(rfc3339: text)
            guard expires != nil else {
                throw CommandError.usage("--expires is an RFC 3339 instant, as 2027-01-01T00:00:00Z")
            }
        }
        let rate = Int(try arguments.integer("rate", in: APIKey.rates) ?? 60)
        let name = try arguments.required("name")
        let expiresAt = expires
        return { database in
            guard try await database.accounts.all().contains(where: { $0.id == account }) else {
                throw CommandError("there is no account \(account)")
            }
            let known = Set(try await database.instances.all(of: account).map(\.id))
            for instance in instances where !known.contains(instance) {
                throw CommandError("account \(account) has no instance \(instance)")
            }
            let (token, key) = try await NewToken.create(
                name: name, permissions: given.isEmpty ? Set(Permission.allCases) : Set(given),
                instances: instances.isEmpty ? nil : Set(instances), rate: rate, expiresAt: expiresAt,
                account: account, database: database)
            Console.line("key \(key.id) of account \(account); the token is shown this once:")
            Console.line(token.text)
        }
    }

    private static func line(_ key: APIKey) -> String {
        let state = key.revokedAt.map { "revoked \($0.text)" } ?? key.expiresAt.map { "expires \($0.text)" } ?? "valid"
        let instances = key.instanceIDs.map { $0.sorted().map(\.description).joined(separator: ",") } ?? "all instances"
        return "\(key.id)\t\(key.prefix)…\t\(state)\t\(key.ratePerMinute)/min\t\(instances)\t\(key.name)\t"
            + key.permissions.map(\.rawValue).sorted().joined(separator: ",")
    }
}

/// Makes a key: the token leaves here once, its hash is kept.
enum NewToken {
    @Reactor
    static func create(
        _ given: APIKeyToken? = nil, name: String, permissions: Set<Permission>, instances: Set<Instance.ID>?,
        rate: Int, expiresAt: Timestamp?, account: Account.ID, database: Database
    ) async throws -> (APIKeyToken, APIKey) {
        let token = try given ?? KeyToken.draw()
        let key = try await database.keys.create(
            APIKeyStore.NewKey(
                name: name, prefix: token.prefix, hash: KeyToken.hash(token),
                permissions: permissions, instanceIDs: instances, ratePerMinute: rate, expiresAt: expiresAt),
            for: account, now: .current)
        return (token, key)
    }
}
