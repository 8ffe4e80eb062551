/// Finds `{{1}}` and `{{first_name}}` in a text, with blanks inside the braces as Meta tolerates them.
enum Placeholder {
    enum Piece: Hashable {
        case literal(String)
        case placeholder(TemplateSlot.Name)
    }

    /// `digitsAreNames` for header and body of a named template, where even `{{1}}` is a name.
    static func pieces(of text: String, digitsAreNames: Bool) -> [Piece] {
        let bytes = Array(text.utf8)
        var pieces: [Piece] = []
        var literalStart = 0
        var index = 0
        while index + 1 < bytes.count {
            guard bytes[index] == UInt8(ascii: "{"), bytes[index + 1] == UInt8(ascii: "{"),
                let (name, end) = name(in: bytes, from: index + 2, digitsAreNames: digitsAreNames)
            else {
                index += 1
                continue
            }
            if literalStart < index {
                pieces.append(.literal(String(decoding: bytes[literalStart..<index], as: UTF8.self)))
            }
            pieces.append(.placeholder(name))
            index = end
            literalStart = end
        }
        if literalStart < bytes.count {
            pieces.append(.literal(String(decoding: bytes[literalStart...], as: UTF8.self)))
        }
        return pieces
    }

    /// Each name once: numbers in numeric order whatever the order in the text, then names as they appear.
    static func names(in pieces: [Piece]) -> [TemplateSlot.Name] {
        var numbers: [Int] = []
        var names: [TemplateSlot.Name] = []
        for case .placeholder(let name) in pieces {
            switch name {
            case .number(let number): if !numbers.contains(number) { numbers.append(number) }
            case .name: if !names.contains(name) { names.append(name) }
            }
        }
        return numbers.sorted().map { .number($0) } + names
    }

    static func fixedLength(of pieces: [Piece]) -> Int {
        pieces.reduce(0) { length, piece in
            if case .literal(let text) = piece { length + text.unicodeScalars.count } else { length }
        }
    }

    /// The name that starts at `start`, and where the text goes on after `}}`.
    private static func name(
        in bytes: [UInt8], from start: Int, digitsAreNames: Bool
    ) -> (name: TemplateSlot.Name, end: Int)? {
        var index = start
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
        let nameStart = index
        var isNumber = true
        while index < bytes.count, isNameByte(bytes[index]) {
            if !isDigit(bytes[index]) { isNumber = false }
            index += 1
        }
        let nameEnd = index
        while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
        guard nameStart < nameEnd, index + 1 < bytes.count,
            bytes[index] == UInt8(ascii: "}"), bytes[index + 1] == UInt8(ascii: "}")
        else { return nil }
        let text = String(decoding: bytes[nameStart..<nameEnd], as: UTF8.self)
        guard isNumber, !digitsAreNames else { return (.name(text), index + 2) }
        return Int(text).map { (.number($0), index + 2) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }
}
