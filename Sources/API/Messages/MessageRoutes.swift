import Domain
import EventLoop
import JSON
import Storage

/// Messages as they stand.
enum MessageRoutes {
    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        guard let found = try await service.database.messages.get(try exchange.id("id"), of: caller.account.id),
            caller.key.sees(found.message.instanceID)
        else { throw Problem(.notFound) }
        return .resource(warnings: query.warnings) { $0.message(found.message) }
    }
}
