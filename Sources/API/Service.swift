import Crypto
import Domain
package import EventLoop
package import HTTP
package import Storage
import Telemetry

/// Answers requests: finds the route, admits the caller, runs the route, and gives every answer its common fields.
@Reactor
package final class Service {
    package struct Configuration: Sendable {
        package var version: String
        /// How long a send waits for the provider's verdict (PRODUCT § 6.7).
        package var verdictTime = Duration.seconds(10)
        /// Where a client's links may lead.
        package var links = AddressJudge()
        /// Signs the links to files; the first is the current key's. Without any no link opens.
        package var linkHashes: @Sendable ([UInt8]) -> [[UInt8]] = { _ in [] }

        package init(version: String) { self.version = version }
    }

    let database: Database
    let port: ProviderPort
    let clock: Clock
    let configuration: Configuration
    /// By which erased persons are kept out.
    let erasureHashes: ErasureStore.Hashes
    /// Whether this process should be given requests; asked by `/readyz`.
    package var isDraining = false

    private let keys: KeyCache
    private let rates: RateLimiter
    private let table: RouteTable
    /// By their numbers in the table.
    private let endpoints = Route.all.map { Endpoint($0) }
    /// Of what no route knows.
    private let strays: RouteMetrics
    let exports: ExportGate
    // Unchecked, because nothing is called while it is changed.
    @exclusivity(unchecked) private var requestIDs = RequestIDs()

    package init(
        database: Database, port: ProviderPort, configuration: Configuration,
        erasureHashes: @escaping ErasureStore.Hashes, clock: Clock = .system
    ) {
        self.database = database
        self.erasureHashes = erasureHashes
        self.port = port
        self.clock = clock
        self.configuration = configuration
        keys = KeyCache(database.keys)
        rates = RateLimiter(database.rates)
        exports = ExportGate(limit: database.leads.exportLimit)
        var table = RouteTable()
        for (number, route) in Route.all.enumerated() { table.add(route.method, route.pattern, number: number) }
        self.table = table
        strays = RouteMetrics("none")
    }

    /// What is remembered of the account and its keys is read anew; other processes do so within two seconds.
    func forgetKeys(of account: Account.ID) { keys.forget(account) }

    var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    package func answer(_ request: consuming HTTPRequest) -> HTTPAnswer {
        let started = MonotonicTime.now
        let requestID = requestIDs.take(from: request.head.fields)
        switch table.match(request.head.method, request.head.path) {
        case .found(let number, let parameters):
            let endpoint = endpoints[number]
            switch endpoint.route.work {
            case .immediate(let action):
                return .ready(answer(request.head, requestID, endpoint, since: started, action))
            case .waits(let action):
                let exchange = Exchange(request, requestID: requestID, parameters: parameters, now: now)
                return .pending { await self.answer(exchange, endpoint, since: started, action) }
            case .reads(let action):
                let exchange = Exchange(request, requestID: requestID, parameters: parameters, now: now)
                return answer(exchange, endpoint, since: started, action)
            }
        case .methodNotAllowed(let methods):
            var problem = Problem(.methodNotAllowed)
            problem.allow = methods
            problem.values["methods"] = methods.map(\.rawValue).joined(separator: ", ")
            return .ready(refuse(request, requestID, problem, since: started))
        case .notFound, .badPath:
            return .ready(refuse(request, requestID, Problem(.routeNotFound), since: started))
        }
    }

    /// The answer to what the HTTP server refused before any route saw it.
    nonisolated package static func answer(to fault: HTTPServerFault) -> HTTPResponse {
        Problem.from(fault).response(language: .english, requestID: RequestIDs.one())
    }

    private func answer(
        _ head: HTTPRequestHead, _ requestID: String, _ endpoint: Endpoint, since started: MonotonicTime,
        _ action: Route.ImmediateAction
    ) -> HTTPResponse {
        var response: HTTPResponse
        do {
            response = Self.response(try action(head, self), to: head)
        } catch {
            let language = Language.accepted(by: head.fields) ?? .english
            response = self.response(to: error, endpoint.route.name, requestID, language)
        }
        complete(&response, requestID, endpoint.metrics, since: started)
        return response
    }

    private func answer(
        _ exchange: Exchange, _ endpoint: Endpoint, since started: MonotonicTime, _ action: Route.Action
    ) async -> HTTPResponse {
        var exchange = exchange
        let outcome: Result<Reply, any Error>
        do {
            if try !admitAtOnce(&exchange, to: endpoint.route) { try await admit(&exchange, to: endpoint.route) }
            let stored = endpoint.route.replaysAnswer ? try await replay(&exchange, of: endpoint.route) : nil
            let reply = if let stored { stored } else { try await action(exchange, self) }
            outcome = .success(reply)
        } catch {
            outcome = .failure(error)
        }
        return response(outcome, exchange, endpoint, since: started)
    }

    /// Without a task when the caller is known and has room in its rate, as most are.
    private func answer(
        _ exchange: Exchange, _ endpoint: Endpoint, since started: MonotonicTime,
        _ action: @escaping Route.ReadingAction
    ) -> HTTPAnswer {
        var exchange = exchange
        do {
            guard try admitAtOnce(&exchange, to: endpoint.route) else {
                return .pending { [exchange] in
                    await self.answer(exchange, endpoint, since: started) { exchange, service in
                        try await service.database.run(try action(exchange, service))
                    }
                }
            }
            let query = try action(exchange, self)
            return .later { [exchange] done in
                self.database.run(query) { done(self.response($0, exchange, endpoint, since: started)) }
            }
        } catch {
            return .ready(response(.failure(error), exchange, endpoint, since: started))
        }
    }

    private func response(
        _ outcome: Result<Reply, any Error>, _ exchange: Exchange, _ endpoint: Endpoint, since started: MonotonicTime
    ) -> HTTPResponse {
        var response =
            switch outcome {
            case .success(let reply): Self.response(reply, to: exchange.request.head)
            case .failure(let error):
                self.response(to: error, endpoint.route.name, exchange.requestID, exchange.language)
            }
        exchange.standing?.write(to: &response.fields)
        complete(&response, exchange.requestID, endpoint.metrics, since: started)
        return response
    }

    private func refuse(
        _ request: HTTPRequest, _ requestID: String, _ problem: Problem, since started: MonotonicTime
    ) -> HTTPResponse {
        var response = problem.response(language: .accepted(by: request.fields) ?? .english, requestID: requestID)
        complete(&response, requestID, strays, since: started)
        return response
    }

    /// What every answer has, and is counted by.
    private func complete(
        _ response: inout HTTPResponse, _ requestID: String, _ metrics: RouteMetrics, since started: MonotonicTime
    ) {
        response.requestID = requestID
        metrics.count(response.status, since: started)
    }

    private func admit(_ exchange: inout Exchange, to route: Route) async throws {
        guard route.access != .open else { return }
        guard let token = Authentication.token(exchange.request.fields), let caller = try await keys.find(token) else {
            throw Problem(.unauthorized)
        }
        try recognise(caller, &exchange)
        let standing = try await rates.admit(caller.key, now: exchange.now)
        try judge(standing, &exchange, caller, route)
    }

    /// False if the key or its rate must be looked up first; nothing has been counted then.
    private func admitAtOnce(_ exchange: inout Exchange, to route: Route) throws -> Bool {
        guard route.access != .open else { return true }
        guard let token = Authentication.token(exchange.request.fields) else { throw Problem(.unauthorized) }
        guard let known = keys.known(token) else { return false }
        guard let caller = known.caller else { throw Problem(.unauthorized) }
        try recognise(caller, &exchange)
        guard let standing = rates.admitAtOnce(caller.key, now: exchange.now) else { return false }
        try judge(standing, &exchange, caller, route)
        return true
    }

    private func recognise(_ caller: Exchange.Caller, _ exchange: inout Exchange) throws {
        guard caller.key.isValid(at: exchange.now) else { throw Problem(.unauthorized) }
        if Language.accepted(by: exchange.request.fields) == nil {
            exchange.language = Language(locale: caller.account.locale)
        }
        exchange.caller = caller
    }

    private func judge(
        _ standing: RateLimiter.Standing, _ exchange: inout Exchange, _ caller: Exchange.Caller, _ route: Route
    ) throws {
        exchange.standing = standing
        guard standing.isAdmitted else {
            var problem = Problem(.rateLimited)
            problem.retryAfter = standing.reset
            throw problem
        }
        guard caller.account.status == .active else { throw Problem(.accountSuspended) }
        if case .needs(let permission) = route.access, !caller.key.permissions.contains(permission) {
            throw Problem.denied(permission)
        }
    }

    /// What an earlier request left under the same key; otherwise the exchange carries the claim.
    private func replay(_ exchange: inout Exchange, of route: Route) async throws -> Reply? {
        guard let claim = try Idempotency.claim(exchange, route: route.scope) else { return nil }
        exchange.claim = claim
        if route.showsSecret { try Idempotency.seal(&exchange) }
        return try await Idempotency.stored(exchange.claim ?? claim, exchange, self)
    }

    private static func response(_ reply: Reply, to request: HTTPRequestHead) -> HTTPResponse {
        var response = HTTPResponse(status: reply.status, fields: reply.fields, body: reply.httpBody)
        if reply.isPrivate { response.fields["Cache-Control"] = "no-store" }
        guard reply.isResource else { return response }
        let tag = EntityTag.of(reply.body)
        response.fields["ETag"] = tag
        let isRead = request.method == .get || request.method == .head
        if isRead, !EntityTag.isNoneMatch(tag, request.fields) {
            response.status = .notModified
            response.body = .empty
        }
        return response
    }

    private func response(
        to error: any Error, _ route: String, _ requestID: String, _ language: Language
    ) -> HTTPResponse {
        let problem = Problem.from(error)
        if problem.code == .internalError || problem.code == .unavailable {
            Log.shared.error(
                "request.failed",
                ["route": .string(route), "request_id": .string(requestID), "error": .string("\(error)")])
        }
        return problem.response(language: language, requestID: requestID)
    }
}
