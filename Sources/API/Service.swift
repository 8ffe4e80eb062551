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

        package init(version: String) { self.version = version }
    }

    let database: Database
    let port: ProviderPort
    let clock: Clock
    let configuration: Configuration
    /// Whether this process should be given requests; asked by `/readyz`.
    package var isDraining = false

    private let keys: KeyCache
    private let rates: RateLimiter
    private let router: Router<Int>
    private let requests = Metrics.shared.counters(
        "leadwire_http_requests_total", help: "Answered requests.", labels: ["route", "status"])
    private let durations = Metrics.shared.histograms(
        "leadwire_http_request_seconds", help: "From the whole request to its answer.", labels: ["route"],
        bounds: Histogram.latencyBounds)

    package init(
        database: Database, port: ProviderPort, configuration: Configuration, clock: Clock = .system
    ) {
        self.database = database
        self.port = port
        self.clock = clock
        self.configuration = configuration
        keys = KeyCache(database.keys)
        rates = RateLimiter(database.rates)
        var router = Router<Int>()
        for (index, route) in Route.all.enumerated() { router.add(route.method, route.pattern, index) }
        self.router = router
    }

    var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    package func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let started = MonotonicTime.now
        let requestID = Self.requestID(request.fields["X-Request-Id"])
        var language = request.fields["Accept-Language"].flatMap(Language.init(accepting:)) ?? .english
        var standing: RateLimiter.Standing?
        var name = "none"
        var response: HTTPResponse
        do {
            let (route, parameters) = try find(request)
            name = route.name
            var exchange = Exchange(request, requestID: requestID, parameters: parameters, now: now)
            try await admit(&exchange, to: route, standing: &standing)
            language = exchange.language
            let stored = try await replay(&exchange, of: route)
            let reply = if let stored { stored } else { try await route.action(exchange, self) }
            response = Self.response(reply, to: request)
        } catch let failed as Failed {
            response = self.response(to: failed.cause, name, requestID, failed.language)
        } catch {
            response = self.response(to: error, name, requestID, language)
        }
        response.fields["X-Request-Id"] = requestID
        standing?.write(to: &response.fields)
        requests.labeled(name, String(response.status.code)).increment()
        durations.labeled(name).observe(MonotonicTime.now - started)
        return response
    }

    /// The answer to what the HTTP server refused before any route saw it.
    nonisolated package static func answer(to fault: HTTPServerFault) -> HTTPResponse {
        Problem.from(fault).response(language: .english, requestID: requestID(nil))
    }

    private func find(_ request: HTTPRequest) throws -> (Route, PathParameters) {
        switch router.match(method: request.method, path: request.path) {
        case .found(let index, let parameters): return (Route.all[index], parameters)
        case .methodNotAllowed(let methods):
            var problem = Problem(.methodNotAllowed)
            problem.allow = methods
            problem.values["methods"] = methods.map(\.rawValue).joined(separator: ", ")
            throw problem
        case .notFound, .badPath: throw Problem(.routeNotFound)
        }
    }

    /// A refusal after the caller's language was known.
    private struct Failed: Error {
        let cause: any Error
        let language: Language
    }

    private func admit(
        _ exchange: inout Exchange, to route: Route, standing: inout RateLimiter.Standing?
    ) async throws {
        guard route.access != .open else { return }
        guard let token = Authentication.token(exchange.request.fields),
            let caller = try await keys.find(token), caller.key.isValid(at: exchange.now)
        else { throw Problem(.unauthorized) }
        if exchange.request.fields["Accept-Language"].flatMap(Language.init(accepting:)) == nil {
            exchange.language = Language(locale: caller.account.locale)
        }
        exchange.caller = caller
        do {
            let admitted = try await rates.admit(caller.key, now: exchange.now)
            standing = admitted
            guard admitted.isAdmitted else {
                var problem = Problem(.rateLimited)
                problem.retryAfter = admitted.reset
                throw problem
            }
            guard caller.account.status == .active else { throw Problem(.accountSuspended) }
            if case .needs(let permission) = route.access, !caller.key.permissions.contains(permission) {
                var problem = Problem(.permissionDenied)
                problem.requiredPermission = permission
                problem.values["permission"] = permission.rawValue
                throw problem
            }
        } catch {
            throw Failed(cause: error, language: exchange.language)
        }
    }

    /// What an earlier request left under the same key; otherwise the exchange carries the claim.
    private func replay(_ exchange: inout Exchange, of route: Route) async throws -> Reply? {
        guard route.replaysAnswer, let claim = try Idempotency.claim(exchange, route: route.scope) else { return nil }
        exchange.claim = claim
        return try await Idempotency.stored(claim, exchange, self)
    }

    private static func response(_ reply: Reply, to request: HTTPRequest) -> HTTPResponse {
        var response = HTTPResponse(status: reply.status, fields: reply.fields, body: .bytes(reply.body))
        response.fields["Content-Type"] = reply.contentType
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

    /// The caller's, if it is short and plain, or a new one.
    nonisolated private static func requestID(_ given: String?) -> String {
        if let given, (1...64).contains(given.utf8.count),
            given.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d
                    || $0 == 0x5f || $0 == 0x2e
            })
        {
            return given
        }
        return "req_" + Hex.encode(SecureRandom.bytes(12))
    }
}
