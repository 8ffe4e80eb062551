/// The instruments of one name, one for each set of label values, of which there is a limit.
package final class MetricFamily<Instrument: Sendable>: Sendable {
    private struct State {
        var instruments: [[String]: Instrument] = [:]
        /// In the order of first use, which is how they are rendered.
        var order: [[String]] = []
    }

    /// Label values stand here once there are too many of them.
    package static var overflow: String { "other" }

    let labels: [String]
    private let limit: Int
    private let make: @Sendable () -> Instrument
    private let state = Locked(State())

    init(labels: [String], limit: Int, make: @escaping @Sendable () -> Instrument) {
        self.labels = labels
        self.limit = limit
        self.make = make
    }

    /// The instrument of these label values, in the order of the labels; keep it where speed matters.
    ///
    /// Past the limit every new set of values shares one instrument labelled "other". Missing values are empty.
    package func labeled(_ values: String...) -> Instrument { labeled(values) }

    package func labeled(_ values: [String]) -> Instrument {
        var key = Array(values.prefix(labels.count))
        while key.count < labels.count { key.append("") }
        return state.withLock { state in
            if let known = state.instruments[key] { return known }
            if state.order.count >= limit {
                key = labels.map { _ in Self.overflow }
                if let known = state.instruments[key] { return known }
            }
            let instrument = make()
            state.instruments[key] = instrument
            state.order.append(key)
            return instrument
        }
    }

    /// Every set of label values with its instrument.
    var all: [(values: [String], instrument: Instrument)] {
        state.withLock { state in
            state.order.compactMap { key in state.instruments[key].map { (key, $0) } }
        }
    }
}
