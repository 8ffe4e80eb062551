import Foundation

/// Where the engine begins: a target's seeds as files of `seeds`, its words as the dictionary `words`.
struct SeedFolder {
    private let folder: URL

    init(_ path: String) { folder = URL(fileURLWithPath: path) }

    func write(_ target: FuzzTarget) throws {
        let seeds = folder.appendingPathComponent("seeds")
        try FileManager.default.createDirectory(at: seeds, withIntermediateDirectories: true)
        for (number, seed) in target.seeds.enumerated() {
            for choices in [0, 1, 2] as [UInt8] {
                try Data(FuzzInput.file(seed, choices: choices))
                    .write(to: seeds.appendingPathComponent("\(number)-\(choices)"))
            }
        }
        let words = target.words.map { "\"\(escaped($0))\"\n" }.joined()
        try Data(words.utf8).write(to: folder.appendingPathComponent("words"))
    }

    /// Each octet by its value, which a dictionary of the engine always takes.
    private func escaped(_ word: String) -> String {
        word.utf8.map { octet in (octet < 16 ? "\\x0" : "\\x") + String(octet, radix: 16) }.joined()
    }
}
