/// A command's words: `--name value`, `--name=value`, and what stands alone.
struct Arguments {
    private var options: [(name: String, value: String)] = []
    private(set) var positional: [String] = []

    /// - Parameter known: the options' names, without dashes.
    init(_ words: [String], known: Set<String>) throws {
        var index = 0
        while index < words.count {
            let word = words[index]
            index += 1
            guard word.hasPrefix("--") else {
                positional.append(word)
                continue
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard known.contains(name) else { throw CommandError.usage("there is no option --\(name)") }
            if parts.count == 2 {
                options.append((name, String(parts[1])))
            } else {
                guard index < words.count else { throw CommandError.usage("--\(name) needs a value") }
                options.append((name, words[index]))
                index += 1
            }
        }
    }

    func all(_ name: String) -> [String] { options.filter { $0.name == name }.map(\.value) }

    subscript(_ name: String) -> String? { all(name).last }

    func required(_ name: String) throws -> String {
        guard let value = self[name], !value.isEmpty else { throw CommandError.usage("--\(name) is needed") }
        return value
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws -> Int64? {
        guard let text = self[name] else { return nil }
        guard let value = Int64(text), range.contains(value) else {
            throw CommandError.usage(
                "--\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func refusePositional(beyond count: Int = 0) throws {
        guard positional.count <= count else {
            throw CommandError.usage("\(positional[count]) is one word too many")
        }
    }
}
