import Testing

/// What the house rules say of every source file.
@Suite struct HouseStyleTests {
    static let longest = 500

    @Test func `no file is longer than a reader's patience`() {
        for file in SourceTree.files(of: ["swift", "c", "h"]) {
            #expect(file.lines.count < Self.longest, "\(file.path) has \(file.lines.count) lines")
        }
    }

    @Test func `half of the files are shorter than 120 lines`() throws {
        let counts = SourceTree.swift.map(\.lines.count).sorted()
        #expect(try #require(counts.dropFirst(counts.count / 2).first) < 120)
    }

    @Test func `nothing is left to be done later`() {
        // Put together, so that this file does not hold the words either.
        let marks = ["TO" + "DO", "FIX" + "ME"]
        for file in SourceTree.files(of: ["swift", "c", "h", "modulemap"]) {
            for mark in marks { #expect(!file.text.contains(mark), "\(file.path) says \(mark)") }
        }
    }

    @Test func `nothing is public: there is no outside`() {
        for file in SourceTree.swift {
            for line in file.lines {
                let words = line.split(separator: " ")
                #expect(
                    !words.starts(with: ["public"]) && !(words.first == "open" && Self.declares(words)),
                    "\(file.path): \(line)")
            }
        }
    }

    private static func declares(_ words: [Substring]) -> Bool {
        words.count > 1 && ["class", "func", "var", "let", "struct", "enum", "override"].contains(words[1])
    }

    @Test func `a drawer for everything has no name here`() {
        let drawers: Set<String> = ["util", "utils", "utilities", "common", "helper", "helpers", "misc", "shared"]
        for file in SourceTree.swift {
            let parts = file.path.lowercased().replacing(".swift", with: "").split(separator: "/").map(String.init)
            #expect(drawers.isDisjoint(with: parts), "\(file.path)")
        }
    }

    @Test func `what the compiler cannot check carries its reason`() {
        let doors = ["@unchecked Sendable", "nonisolated(unsafe)", "try! ", "fatalError("]
        for file in SourceTree.swift {
            let lines = file.lines
            for (number, line) in lines.enumerated() where doors.contains(where: line.contains) {
                let before = number > 0 ? lines[number - 1] : ""
                #expect(
                    line.contains("//") || before.drop { $0 == " " }.hasPrefix("//"),
                    "\(file.path):\(number + 1) gives no reason")
            }
        }
    }
}
