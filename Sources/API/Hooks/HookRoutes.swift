import Domain
import EventLoop
import HTTP
import JSON

/// Where providers' webhooks arrive.
enum HookRoutes {
    /// Meta's subscription check: the challenge comes back as it was sent.
    @Reactor
    static func challenge(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let query = (try? QueryItems(parsing: exchange.request.query)) ?? QueryItems()
        guard let text = try await service.port.challenge(exchange.parameters["token"] ?? "", query) else {
            throw Problem(.unauthorized)
        }
        var reply = Reply(.ok, Array(text.utf8))
        reply.contentType = "text/plain"
        return reply
    }

    @Reactor
    static func cloudAPI(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await receive(.cloudAPI, exchange, service)
    }

    @Reactor
    static func waha(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await receive(.waha, exchange, service)
    }

    @Reactor
    private static func receive(
        _ provider: Instance.Provider, _ exchange: Exchange, _ service: Service
    ) async throws -> Reply {
        switch try await service.port.receive(provider, exchange.parameters["token"] ?? "", exchange.request) {
        case .stored: return Reply(.ok, Array(#"{"success":true}"#.utf8))
        case .unauthorized: throw Problem(.unauthorized)
        }
    }
}
