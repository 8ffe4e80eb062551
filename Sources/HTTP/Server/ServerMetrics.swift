import Telemetry

/// What a server counts of its connections; requests are counted by whoever knows their routes.
struct ServerMetrics: Sendable {
    /// What a connection waited for when its time was up.
    enum Timeout: String, CaseIterable {
        case handshake
        case idle
        case head
        case body
        case write
        case linger
    }

    /// Which bound a connection was turned away by.
    enum Cap: String, CaseIterable {
        case total
        case address
    }

    private let open: Gauge
    private let accepted: Counter
    private let refusals: MetricFamily<Counter>
    private let turnedAway: MetricFamily<Counter>
    private let failedHandshakes: Counter
    private let timeouts: MetricFamily<Counter>

    init(_ metrics: Metrics) {
        open = metrics.gauge("http_server_connections_open", help: "Connections open.")
        accepted = metrics.counter("http_server_connections_accepted_total", help: "Connections accepted.")
        refusals = metrics.counters(
            "http_server_refusals_total", help: "Requests and connections refused before any route saw them.",
            labels: ["code"])
        turnedAway = metrics.counters(
            "http_server_connections_turned_away_total", help: "Connections over a bound, by which.", labels: ["cap"])
        failedHandshakes = metrics.counter(
            "http_server_tls_handshake_failures_total", help: "Handshakes broken off by either side.")
        timeouts = metrics.counters(
            "http_server_timeouts_total", help: "Connections whose time was up, by what they waited for.",
            labels: ["waiting_for"])
        // From the start at nought, so that the first of a kind is seen as a rise.
        for cap in Cap.allCases { _ = turnedAway.labeled(cap.rawValue) }
        for timeout in Timeout.allCases { _ = timeouts.labeled(timeout.rawValue) }
    }

    func countOpened() {
        accepted.increment()
        open.add(1)
    }

    func countFailedHandshake() { failedHandshakes.increment() }
    func countClosed() { open.add(-1) }

    func count(_ fault: HTTPServerFault) { refusals.labeled(fault.code).increment() }
    func count(_ timeout: Timeout) { timeouts.labeled(timeout.rawValue).increment() }
    func count(_ cap: Cap) { turnedAway.labeled(cap.rawValue).increment() }
}
