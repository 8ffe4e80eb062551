/// What several rounds of one measurement came to.
struct Spread: Sendable, Hashable {
    let median: Double
    let least: Double
    let most: Double

    /// - Parameter values: at least one.
    init(_ values: [Double]) {
        precondition(!values.isEmpty, "a spread of nothing")
        let sorted = values.sorted()
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        least = sorted[0]
        most = sorted[sorted.count - 1]
    }

    /// `1.02 [0.96..1.10]`; a value measured once stands alone.
    func text(_ format: (Double) -> String) -> String {
        least == most ? format(median) : "\(format(median)) [\(format(least))..\(format(most))]"
    }
}
