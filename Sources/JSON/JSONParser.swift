/// Reads RFC 8259 text strictly and tells everything that is wrong with it.
package enum JSONParser {
    /// Levels of arrays and objects that any caller may ask for; bounds the stack.
    static let deepest = 256

    /// Faults inside strings and numbers, and repeated keys, are collected; a fault of structure ends the reading.
    package static func parse(_ bytes: [UInt8], maximumDepth: Int = 64) throws(JSONFaults) -> JSONValue {
        try bytes.withUnsafeBufferPointer { read($0, maximumDepth) }.get()
    }

    package static func parse(_ bytes: ArraySlice<UInt8>, maximumDepth: Int = 64) throws(JSONFaults) -> JSONValue {
        try bytes.withUnsafeBufferPointer { read($0, maximumDepth) }.get()
    }

    package static func parse(
        _ bytes: UnsafeRawBufferPointer, maximumDepth: Int = 64
    ) throws(JSONFaults) -> JSONValue {
        try bytes.withMemoryRebound(to: UInt8.self) { read($0, maximumDepth) }.get()
    }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ maximumDepth: Int
    ) -> Result<JSONValue, JSONFaults> {
        guard let base = bytes.baseAddress else {
            let fault = JSONFault(code: .empty, offset: 0, line: 1, column: 1, pointer: "")
            return .failure(JSONFaults(faults: [fault]))
        }
        var reader = JSONReader(base: base, count: bytes.count, maximumDepth: min(max(maximumDepth, 0), deepest))
        return reader.readText()
    }
}
