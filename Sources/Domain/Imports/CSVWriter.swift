/// Writes CSV (RFC 4180): commas between cells, CR LF behind records, quotes only where they are needed.
package struct CSVWriter: Sendable {
    package private(set) var bytes: [UInt8] = []
    private var isFirst = true

    package init() {}

    package mutating func cell(_ text: some Collection<UInt8>) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        guard text.first == UInt8(ascii: " ") || text.contains(where: Self.special.contains) else {
            return bytes.append(contentsOf: text)
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    package mutating func cell(_ text: String) { cell(text.utf8) }

    package mutating func endRecord() {
        bytes += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        isFirst = true
    }

    /// What was written since it was last taken.
    package mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }

    /// A semicolon or a tab would be taken for what separates the cells by programs that expect them.
    private static let special = Set("\",;\t\r\n".utf8)
}
