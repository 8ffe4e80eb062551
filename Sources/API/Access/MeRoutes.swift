import Domain
import EventLoop
import JSON

/// Who am I: what any valid key may ask.
enum MeRoutes {
    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let (key, account) = try { ($0.key, $0.account) }(exchange.admitted())
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        return .resource(warnings: query.warnings) { json in
            json.beginObject()
            json.key("account")
            json.beginObject()
            json.member("id", account.id.rawValue)
            json.member("name", account.name)
            json.endObject()
            json.key("key")
            json.beginObject()
            json.member("id", key.id.rawValue)
            json.member("name", key.name)
            json.member("prefix", key.prefix)
            json.member("permissions", Permission.allCases.filter(key.permissions.contains).map(\.rawValue))
            json.member("instance_ids", key.instanceIDs.map { $0.map(\.rawValue).sorted() })
            json.member("rate_per_minute", key.ratePerMinute)
            json.member("expires_at", key.expiresAt?.text)
            json.endObject()
            json.endObject()
        }
    }
}
