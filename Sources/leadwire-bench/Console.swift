import Foundation

/// The table goes to standard output, what happens meanwhile to standard error.
enum Console {
    static func line(_ text: String = "") { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

    static func progress(_ text: String) { FileHandle.standardError.write(Data(("  " + text + "\n").utf8)) }
}

/// A benchmark that cannot be carried out, in words that say what to do.
struct BenchError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
