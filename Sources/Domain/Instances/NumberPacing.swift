/// How fast a WAHA number may send, as its owner set it; nil is no limit.
package struct NumberPacing: Sendable, Hashable {
    package var hourlyBudget: Int64?
    package var dailyBudget: Int64?
    /// The pause between two sends, in milliseconds: both are set, or neither is.
    package var leastGap: Int64?
    package var mostGap: Int64?

    package init(
        hourlyBudget: Int64? = nil, dailyBudget: Int64? = nil, leastGap: Int64? = nil, mostGap: Int64? = nil
    ) {
        self.hourlyBudget = hourlyBudget
        self.dailyBudget = dailyBudget
        self.leastGap = leastGap
        self.mostGap = mostGap
    }

    package var limits: NumberLimits? {
        var gap: ClosedRange<Duration>?
        if let leastGap, let mostGap { gap = .milliseconds(leastGap) ... .milliseconds(mostGap) }
        return .waha(gap: gap, hourly: hourlyBudget.map { Int($0) }, daily: dailyBudget.map { Int($0) })
    }
}
