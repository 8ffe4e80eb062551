import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// The caller's account, in Syncro's shape: `account` at the root.
enum AccountRoutes {
    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        return reply(try exchange.found(try await service.database.accounts.get(id)), query.warnings)
    }

    /// Its settings; `plan` and `status` are the operator's.
    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let name = body.change("name") { $0.text("name", maximum: BodyReader.nameLimit, isRequired: true) }
        let locale = body.setting("locale", Account.isLocale, Faults.locale)
        let timezone = body.setting("timezone", TimeZoneName.isKnown, Faults.timezone)
        let country = body.setting("default_country", Account.isCountry, Faults.country)
        let currency = body.setting("currency", Currency.isKnown, Faults.currency)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        let answer = try await Writing.perform(exchange, service) { write in
            let store = service.database.accounts
            let old = try await store.lock(in: write)
            try exchange.requireMatch(reply(old, []))
            var account = old
            account.name = name.applied(to: old.name)
            account.locale = locale.applied(to: old.locale)
            account.timezone = timezone.applied(to: old.timezone)
            account.defaultCountry = country.applied(to: old.defaultCountry)
            account.currency = currency.applied(to: old.currency)
            try await store.update(old, to: account, in: write)
            return reply(account, body.warnings)
        }
        service.forgetKeys(of: try exchange.admitted().account.id)
        return answer
    }

    nonisolated private static func reply(_ account: Account, _ warnings: [String]) -> Reply {
        var json = JSONWriter()
        json.beginObject()
        json.member("success", true)
        json.key("account")
        json.account(account)
        if !warnings.isEmpty { json.member("warnings", warnings) }
        json.endObject()
        var reply = Reply(.ok, json.finish())
        reply.isResource = true
        return reply
    }
}

extension BodyReader {
    /// A setting that is not cleared, only changed.
    fileprivate mutating func setting(
        _ key: String, _ isValid: (String) -> Bool, _ words: Words
    ) -> Change<String> {
        change(key) { body in
            guard let text = body.text(key, maximum: 64, isRequired: true) else { return nil }
            guard isValid(text) else {
                body.fail(key, "not_allowed", words)
                return nil
            }
            return text
        }
    }
}

extension JSONWriter {
    fileprivate mutating func account(_ account: Account) {
        beginObject()
        member("id", account.id.rawValue)
        member("name", account.name)
        member("plan", account.plan)
        member("status", account.status.rawValue)
        member("locale", account.locale)
        member("timezone", account.timezone)
        member("default_country", account.defaultCountry)
        member("currency", account.currency)
        endObject()
    }
}
