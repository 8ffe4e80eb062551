import Foundation

/// Writes the files it is given as one Swift enum of raw string literals.
///
/// Usage: `embed <enum name> <output.swift> <file>...`. A raw literal compiles in well under a second where an array
/// of bytes takes minutes.
@main
enum Embed {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else {
            FileHandle.standardError.write(Data("usage: embed <enum name> <output.swift> <file>...\n".utf8))
            exit(2)
        }
        var source = "// Made by `embed` at build time.\nenum \(arguments[1]) {\n"
        source += "    static let files: [(name: String, text: String)] = [\n"
        for path in arguments.dropFirst(3).sorted() {
            let name = URL(fileURLWithPath: path).lastPathComponent
            let text = try String(contentsOfFile: path, encoding: .utf8)
            let fence = "####"
            guard !text.contains("\"\"\"" + fence), !text.contains("\\" + fence) else {
                FileHandle.standardError.write(Data("embed: \(name) holds the literal's own delimiter\n".utf8))
                exit(1)
            }
            source +=
                "        (\n            name: \"\(name)\",\n            text: \(fence)\"\"\"\n\(text)\n\"\"\"\(fence)\n        ),\n"
        }
        source += "    ]\n}\n"
        try source.write(toFile: arguments[2], atomically: true, encoding: .utf8)
    }
}
