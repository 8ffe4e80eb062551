/// `leadwire-bench <subcommand> [--rounds N] [--seconds N] [--instructions]`
struct Options: Sendable {
    /// Measured ones, after one that is not.
    var rounds = 5
    /// Of one contestant's round.
    var seconds = 3
    /// Counts instructions alone.
    var instructionsOnly = false

    init(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--rounds": rounds = try Self.number(rest.popFirst(), of: word)
            case "--seconds": seconds = try Self.number(rest.popFirst(), of: word)
            case "--instructions": instructionsOnly = true
            default: throw BenchError("there is no option \(word)\n\n\(Usage.text)")
            }
        }
    }

    private static func number(_ word: String?, of option: String) throws -> Int {
        guard let number = word.flatMap({ Int($0) }), (1...1000).contains(number) else {
            throw BenchError("\(option) needs a number from 1 to 1000")
        }
        return number
    }
}
