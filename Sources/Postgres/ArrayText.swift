/// PostgreSQL's text of a one-dimensional array: `{1,2,NULL,"a \"b\""}` (manual, section 8.15.2).
enum ArrayText {
    /// Appends an array whose elements `element` writes; `quoted` if they may hold anything.
    static func append<Element>(
        _ elements: [Element?], quoted: Bool, to bytes: inout [UInt8],
        _ element: (Element, inout [UInt8]) -> Void
    ) {
        bytes.append(UInt8(ascii: "{"))
        for (index, value) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let value else {
                bytes.append(contentsOf: "NULL".utf8)
                continue
            }
            if quoted { bytes.append(UInt8(ascii: "\"")) }
            element(value, &bytes)
            if quoted { bytes.append(UInt8(ascii: "\"")) }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    static func appendEscaped(_ text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        for byte in text {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
    }

    /// The elements' bytes, unescaped; nil if the text is not a one-dimensional array.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> [[UInt8]?]? {
        guard text.count >= 2, text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}") else { return nil }
        var elements: [[UInt8]?] = []
        var index = 1
        let end = text.count - 1
        while index < end {
            var element: [UInt8] = []
            let quoted = text[index] == UInt8(ascii: "\"")
            if quoted {
                index += 1
                while index < end, text[index] != UInt8(ascii: "\"") {
                    if text[index] == UInt8(ascii: "\\") { index += 1 }
                    guard index < end else { return nil }
                    element.append(text[index])
                    index += 1
                }
                guard index < end else { return nil }
                index += 1
            } else {
                while index < end, text[index] != UInt8(ascii: ",") {
                    // A nested array, or a stray quote.
                    guard text[index] != UInt8(ascii: "{"), text[index] != UInt8(ascii: "\"") else { return nil }
                    element.append(text[index])
                    index += 1
                }
                guard !element.isEmpty else { return nil }
            }
            elements.append(!quoted && element.elementsEqual("NULL".utf8) ? nil : element)
            if index < end {
                guard text[index] == UInt8(ascii: ","), index + 1 < end else { return nil }
                index += 1
            }
        }
        return elements
    }
}
