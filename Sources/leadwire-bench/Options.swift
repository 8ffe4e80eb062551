/// `leadwire-bench <subcommand> [--rounds N] [--seconds N] [--leads N] [--instructions]`
struct Options: Sendable {
    /// Measured ones, after one that is not.
    var rounds = 5
    /// Of one contestant's round.
    var seconds = 3
    /// Of the large account; nil where the subcommand knows best.
    var leads: Int?
    /// What `load` fills.
    var database: String?
    /// Counts instructions alone.
    var instructionsOnly = false

    init(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--rounds": rounds = try Self.number(rest.popFirst(), of: word)
            case "--seconds": seconds = try Self.number(rest.popFirst(), of: word)
            case "--leads": leads = try Self.number(rest.popFirst(), of: word, in: 1000...10_000_000)
            case "--database": database = rest.popFirst()
            case "--instructions": instructionsOnly = true
            default: throw BenchError("there is no option \(word)\n\n\(Usage.text)")
            }
        }
    }

    private static func number(
        _ word: String?, of option: String, in range: ClosedRange<Int> = 1...1000
    ) throws -> Int {
        guard let number = word.flatMap({ Int($0) }), range.contains(number) else {
            throw BenchError("\(option) needs a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
