/// How fast a WAHA number may send, as its owner set it; nil is no limit.
package struct NumberPacing: Sendable, Hashable {
    package var hourlyBudget: Int64?
    package var dailyBudget: Int64?
    /// The pause between two sends, in milliseconds: both are set, or neither is.
    package var leastGap: Int64?
    package var mostGap: Int64?

    package static let budgets: ClosedRange<Int64> = 1...1_000_000
    /// In milliseconds, up to a day.
    package static let gaps: ClosedRange<Int64> = 0...86_400_000

    /// Why the gap is no span.
    package enum GapFault: Sendable, Hashable, CaseIterable { case noLeast, noMost, mostBelowLeast }

    package init(
        hourlyBudget: Int64? = nil, dailyBudget: Int64? = nil, leastGap: Int64? = nil, mostGap: Int64? = nil
    ) {
        self.hourlyBudget = hourlyBudget
        self.dailyBudget = dailyBudget
        self.leastGap = leastGap
        self.mostGap = mostGap
    }

    /// Nil where it is a span, or there is none.
    package var gapFault: GapFault? {
        switch (leastGap, mostGap) {
        case (nil, nil): nil
        case (nil, _?): .noLeast
        case (_?, nil): .noMost
        case (let least?, let most?): least <= most ? nil : .mostBelowLeast
        }
    }

    package var limits: NumberLimits? {
        var gap: ClosedRange<Duration>?
        if let leastGap, let mostGap { gap = .milliseconds(leastGap) ... .milliseconds(mostGap) }
        return .waha(gap: gap, hourly: hourlyBudget.map { Int($0) }, daily: dailyBudget.map { Int($0) })
    }
}
