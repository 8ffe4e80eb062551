import Domain
import EventLoop
import JSON
import Storage

/// The numbers that the key may see.
enum InstanceRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        let visible = try await service.database.instances.all(of: caller.account.id).filter { caller.key.sees($0.id) }
        return .few(exchange, visible, paging, warnings: query.warnings, id: \.id.rawValue) { $0.instance($1) }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let id = try exchange.id("id", Instance.self)
        let all = try await service.database.instances.all(of: caller.account.id)
        guard let instance = all.first(where: { $0.id == id }), caller.key.sees(id) else { throw Problem(.notFound) }
        return .resource(warnings: query.warnings) { $0.instance(instance) }
    }
}

extension JSONWriter {
    mutating func instance(_ instance: Instance) {
        beginObject()
        member("id", instance.id.rawValue)
        member("provider", instance.provider.rawValue)
        member("display_name", instance.displayName)
        member("phone_number", instance.phoneNumber)
        member("is_primary", instance.isPrimary)
        member("status", instance.status.rawValue)
        member("provider_status", instance.providerStatus)
        member("supports_templates", instance.supportsTemplates)
        member("supports_buttons", instance.supportsButtons)
        member("has_window_restriction", instance.hasWindowRestriction)
        member("quality_rating", instance.qualityRating)
        member("messaging_limit", instance.messagingLimit)
        member("health", instance.health)
        member("last_inbound_at", instance.lastInboundAt?.text)
        member("hourly_budget", instance.pacing.hourlyBudget)
        member("daily_budget", instance.pacing.dailyBudget)
        member("least_gap_ms", instance.pacing.leastGap)
        member("most_gap_ms", instance.pacing.mostGap)
        endObject()
    }
}

extension Instance {
    /// One word for people: can it send now?
    fileprivate var health: String {
        switch status {
        case .connected: "ok"
        case .connecting, .disconnected: "degraded"
        case .notConnected, .loggedOut, .disabled, .authFailed: "down"
        }
    }
}
