/// How long a page is at most, as the planner is to know it.
///
/// A bound length tells the planner nothing: it reckons with a tenth of all rows, and reads, joins and sorts whole tables
/// where an index holds the few rows that are wanted. So the statement names one of a few lengths, within which the bound
/// one stops the reading.
package enum PageLength: Int, Sendable, CaseIterable, CustomStringConvertible {
    case short = 21
    case usual = 51
    case long = 201
    case longest = 501

    init(atLeast rows: Int) { self = Self.allCases.first { $0.rawValue >= rows } ?? .longest }

    package var description: String { String(rawValue) }
}
