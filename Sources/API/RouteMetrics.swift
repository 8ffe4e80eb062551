import EventLoop
import HTTP
import Telemetry

/// A line of the table with what is counted of it.
@Reactor
final class Endpoint {
    let route: Route
    let metrics: RouteMetrics

    init(_ route: Route) {
        self.route = route
        metrics = RouteMetrics(route.name)
    }
}

/// How often one route answered what, and how fast. Its instruments are looked up once, not with every request.
@Reactor
final class RouteMetrics {
    private let route: String
    private let requests = Metrics.shared.counters(
        "leadwire_http_requests_total", help: "Answered requests.", labels: ["route", "status"], limit: statusesLimit)
    private let durations = Metrics.shared.histograms(
        "leadwire_http_request_seconds", help: "From the whole request to its answer.", labels: ["route"],
        bounds: Histogram.latencyBounds, limit: routesLimit)
    /// Far more than the table has lines, and than any line has statuses: these labels are ours, not strangers'.
    private static let routesLimit = 1000
    private static let statusesLimit = 20 * routesLimit
    private lazy var duration = durations.labeled(route)
    /// A route answers with a handful of statuses: a search finds one sooner than a hash.
    @exclusivity(unchecked) private var answers: [(status: HTTPStatus, counter: Counter)] = []

    init(_ route: String) { self.route = route }

    func count(_ status: HTTPStatus, since started: MonotonicTime) {
        counter(status).increment()
        duration.observe(nanoseconds: MonotonicTime.now.nanoseconds - started.nanoseconds)
    }

    private func counter(_ status: HTTPStatus) -> Counter {
        for answer in answers where answer.status == status { return answer.counter }
        let counter = requests.labeled(route, String(status.code))
        answers.append((status, counter))
        return counter
    }
}
