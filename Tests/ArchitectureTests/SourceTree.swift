import Foundation
import Testing

/// The package's own source files, as they stand beside these tests.
enum SourceTree {
    struct File: Sendable, CustomTestStringConvertible {
        /// Below `Sources`, as `HTTP/Parser/FieldLine.swift`.
        let path: String
        let text: String

        var room: String { String(path.prefix { $0 != "/" }) }
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
        var testDescription: String { path }
    }

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let swift: [File] = files(of: ["swift"])

    /// Every text file of `Sources` with one of these endings.
    static func files(of endings: Set<String>) -> [File] {
        let sources = root.appendingPathComponent("Sources")
        guard let names = FileManager.default.enumerator(atPath: sources.path) else { return [] }
        return names.compactMap { $0 as? String }.sorted().compactMap { name in
            guard endings.contains((name as NSString).pathExtension),
                let text = try? String(contentsOf: sources.appendingPathComponent(name), encoding: .utf8)
            else { return nil }
            return File(path: name, text: text)
        }
    }
}
