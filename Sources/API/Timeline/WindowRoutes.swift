import Domain
import EventLoop
import JSON
import Storage

/// Where a lead's contact may be written to freely, and for how long.
enum WindowRoutes {
    /// All instances that the key sees, those that the contact never wrote to among them.
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.windows.windows(
            of: try exchange.id("id"), instances: caller.key.instanceIDs, in: caller.account.id, now: exchange.now
        ).map { windows in
            guard let windows else { throw Problem(.notFound) }
            return .few(exchange, windows, paging, warnings: warnings, id: \.instanceID.rawValue) {
                $0.window($1, state: $1.outlook.rawValue)
            }
        }
    }
}
