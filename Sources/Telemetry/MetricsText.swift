/// The Prometheus text exposition format, version 0.0.4.
struct MetricsText {
    private(set) var text = ""

    mutating func append(_ entry: Metrics.Entry) {
        text += "# HELP \(entry.name) \(escaped(entry.help, quotes: false))\n"
        switch entry.instruments {
        case .counters(let family):
            text += "# TYPE \(entry.name) counter\n"
            for (values, counter) in family.all {
                sample(entry.name, pairs(family.labels, values), String(counter.value))
            }
        case .gauges(let family):
            text += "# TYPE \(entry.name) gauge\n"
            for (values, gauge) in family.all { sample(entry.name, pairs(family.labels, values), String(gauge.value)) }
        case .reading(let read):
            text += "# TYPE \(entry.name) gauge\n"
            sample(entry.name, [], number(read()))
        case .histograms(let family):
            text += "# TYPE \(entry.name) histogram\n"
            for (values, histogram) in family.all {
                append(histogram, named: entry.name, pairs(family.labels, values))
            }
        }
    }

    private mutating func append(_ histogram: Histogram, named name: String, _ labels: [String]) {
        let state = histogram.snapshot
        var below: Int64 = 0
        for (bound, count) in zip(histogram.bounds, state.buckets) {
            below += count
            sample(name + "_bucket", labels + ["le=\"\(number(bound))\""], String(below))
        }
        let total = state.buckets.reduce(0, +)
        sample(name + "_bucket", labels + ["le=\"+Inf\""], String(total))
        sample(name + "_sum", labels, number(state.sum))
        sample(name + "_count", labels, String(total))
    }

    private mutating func sample(_ name: String, _ labels: [String], _ value: String) {
        text += name
        if !labels.isEmpty { text += "{" + labels.joined(separator: ",") + "}" }
        text += " \(value)\n"
    }

    private func pairs(_ labels: [String], _ values: [String]) -> [String] {
        zip(labels, values).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
    }

    private func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    private func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? value.description
    }
}
