import Domain
import EventLoop
import HTTP
import Storage

/// What an admin sets of a number: how fast one of WAHA may send.
enum InstanceChangeRoutes {
    private static let fields = ["hourly_budget", "daily_budget", "least_gap_ms", "most_gap_ms"]

    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Instance.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let hourly = body.clearable("hourly_budget") { $0.integer("hourly_budget", in: NumberPacing.budgets) }
        let daily = body.clearable("daily_budget") { $0.integer("daily_budget", in: NumberPacing.budgets) }
        let least = body.clearable("least_gap_ms") { $0.integer("least_gap_ms", in: NumberPacing.gaps) }
        let most = body.clearable("most_gap_ms") { $0.integer("most_gap_ms", in: NumberPacing.gaps) }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        guard try exchange.admitted().key.sees(id) else { throw Problem(.notFound) }
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.instances
            var instance = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.instance(instance) }
            let old = instance
            instance.pacing.hourlyBudget = hourly.applied(to: old.pacing.hourlyBudget)
            instance.pacing.dailyBudget = daily.applied(to: old.pacing.dailyBudget)
            instance.pacing.leastGap = least.applied(to: old.pacing.leastGap)
            instance.pacing.mostGap = most.applied(to: old.pacing.mostGap)
            let faults =
                instance.takesPacing
                ? instance.pacing.gapFault.map { [detail($0)] } ?? []
                : fields.filter(body.names).map { .init("/\($0)", "not_allowed", Faults.ofWAHA) }
            guard faults.isEmpty else { throw Problem.validation(faults) }
            try await store.update(old, to: instance.pacing, in: write)
            return .resource(warnings: body.warnings) { $0.instance(instance) }
        }
    }

    nonisolated private static func detail(_ fault: NumberPacing.GapFault) -> Problem.Detail {
        switch fault {
        case .noLeast: .init("/least_gap_ms", "required", Faults.bothGaps)
        case .noMost: .init("/most_gap_ms", "required", Faults.bothGaps)
        case .mostBelowLeast: .init("/most_gap_ms", "out_of_range", Faults.longerGap)
        }
    }
}
