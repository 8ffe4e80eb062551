import API
import Domain
import EventLoop
import Storage

/// `leadwire account create|list|suspend|activate`
enum AccountCommand {
    @Reactor
    static func run(_ words: [String]) async throws {
        let arguments = try Arguments(
            words, known: ["name", "locale", "timezone", "country", "currency", "data-dir"])
        try arguments.refusePositional(beyond: 2)
        var settings = try Settings()
        if let folder = arguments["data-dir"] { settings.dataDirectory = folder }
        let action = try action(arguments)
        let access = try await DatabaseAccess.sharing(settings)
        do {
            try await action(access.database.accounts)
        } catch {
            await access.close()
            throw error
        }
        await access.close()
    }

    private typealias Action = @Reactor (AccountStore) async throws -> Void

    /// Judged before a database is opened.
    private static func action(_ arguments: Arguments) throws -> Action {
        switch arguments.positional.first {
        case "create":
            try arguments.refusePositional(beyond: 1)
            let account = try newAccount(arguments)
            return { accounts in
                let made = try await accounts.create(account, now: .current)
                Console.line("account \(made.id) \(made.name)")
            }
        case "list":
            try arguments.refusePositional(beyond: 1)
            return { accounts in
                for account in try await accounts.all() {
                    Console.line("\(account.id)\t\(account.status.rawValue)\t\(account.name)")
                }
            }
        case "suspend": return try change(.suspended, arguments)
        case "activate": return try change(.active, arguments)
        default: throw CommandError.usage("account takes create, list, suspend or activate")
        }
    }

    private static func newAccount(_ arguments: Arguments) throws -> AccountStore.NewAccount {
        let account = AccountStore.NewAccount(
            name: try arguments.required("name"), locale: arguments["locale"] ?? "en",
            timezone: arguments["timezone"] ?? "UTC", defaultCountry: (arguments["country"] ?? "US").uppercased(),
            currency: (arguments["currency"] ?? "USD").uppercased())
        guard Account.isLocale(account.locale) else {
            throw CommandError.usage("--locale is a language tag, as pt-BR")
        }
        guard Account.isCountry(account.defaultCountry) else {
            throw CommandError.usage("--country is a country's two letters, as BR")
        }
        guard Currency.isKnown(account.currency) else {
            throw CommandError.usage("--currency is a currency's three letters, as BRL")
        }
        guard TimeZoneName.isKnown(account.timezone) else {
            throw CommandError.usage("--timezone is an IANA name, as America/Sao_Paulo")
        }
        return account
    }

    private static func change(_ status: Account.Status, _ arguments: Arguments) throws -> Action {
        guard arguments.positional.count == 2, let id = Int64(arguments.positional[1]) else {
            throw CommandError.usage("give the account's id")
        }
        return { accounts in
            guard try await accounts.set(status, of: Account.ID(id), now: .current) else {
                throw CommandError("there is no account \(id)")
            }
            Console.line("account \(id) is \(status.rawValue)")
        }
    }
}

extension Timestamp {
    /// This machine's clock.
    static var current: Timestamp { Timestamp(microseconds: Clock.system.microseconds) }
}
