/// The instruments of the process by name, and their text for Prometheus.
///
/// Asking for a name again gives the same instrument, so that any file may name what it counts.
package final class Metrics: Sendable {
    package static let shared = Metrics()

    /// The media type of ``render()``.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Sets of label values a name may have, unless it asks for another number.
    package static let defaultLimit = 200

    enum Instruments: Sendable {
        case counters(MetricFamily<Counter>)
        case gauges(MetricFamily<Gauge>)
        case histograms(MetricFamily<Histogram>)
        /// Asked for its value when rendered.
        case reading(@Sendable () -> Double)
    }

    struct Entry: Sendable {
        let name: String
        let help: String
        var instruments: Instruments
    }

    private let entries = Locked<[Entry]>([])

    package init() {}

    package func counter(_ name: String, help: String) -> Counter {
        counters(name, help: help, labels: []).labeled([])
    }

    package func gauge(_ name: String, help: String) -> Gauge {
        gauges(name, help: help, labels: []).labeled([])
    }

    package func histogram(
        _ name: String, help: String, bounds: [Double] = Histogram.latencyBounds
    ) -> Histogram {
        histograms(name, help: help, labels: [], bounds: bounds).labeled([])
    }

    package func counters(
        _ name: String, help: String, labels: [String], limit: Int = defaultLimit
    ) -> MetricFamily<Counter> {
        register(name, help) {
            if case .counters(let family) = $0 { family } else { nil }
        } make: {
            let family = MetricFamily(labels: labels, limit: limit) { Counter() }
            return (family, .counters(family))
        }
    }

    package func gauges(
        _ name: String, help: String, labels: [String], limit: Int = defaultLimit
    ) -> MetricFamily<Gauge> {
        register(name, help) {
            if case .gauges(let family) = $0 { family } else { nil }
        } make: {
            let family = MetricFamily(labels: labels, limit: limit) { Gauge() }
            return (family, .gauges(family))
        }
    }

    package func histograms(
        _ name: String, help: String, labels: [String], bounds: [Double] = Histogram.latencyBounds,
        limit: Int = defaultLimit
    ) -> MetricFamily<Histogram> {
        register(name, help) {
            if case .histograms(let family) = $0 { family } else { nil }
        } make: {
            let family = MetricFamily(labels: labels, limit: limit) { Histogram(bounds: bounds) }
            return (family, .histograms(family))
        }
    }

    /// A gauge whose value is read when the text is rendered; a later one of that name replaces it.
    package func reading(_ name: String, help: String, _ value: @escaping @Sendable () -> Double) {
        entries.withLock { entries in
            entries.removeAll { $0.name == name }
            entries.append(Entry(name: name, help: help, instruments: .reading(value)))
        }
    }

    /// Every instrument in the Prometheus text format, by name.
    package func render() -> String {
        // Readings run outside the lock: they may use instruments themselves.
        var text = MetricsText()
        for entry in entries.withLock({ $0 }).sorted(by: { $0.name < $1.name }) { text.append(entry) }
        return text.text
    }

    private func register<Family>(
        _ name: String, _ help: String, existing: (Instruments) -> Family?, make: () -> (Family, Instruments)
    ) -> Family {
        entries.withLock { entries in
            if let entry = entries.first(where: { $0.name == name }), let family = existing(entry.instruments) {
                return family
            }
            let (family, instruments) = make()
            // The same name for another kind is a slip in the code: the first stays, this one is counted unseen.
            assert(!entries.contains { $0.name == name }, "metric \(name) is already of another kind")
            if !entries.contains(where: { $0.name == name }) {
                entries.append(Entry(name: name, help: help, instruments: instruments))
            }
            return family
        }
    }
}
