extension JSONReader {
    mutating func readNumber() throws(Halt) -> JSONNumber {
        let start = position
        while position < count, NumberGrammar.continuesWord(base[position]) { position &+= 1 }
        let bytes = UnsafeBufferPointer(start: base + start, count: position - start)
        guard bytes.count <= JSONNumber.maximumDigits, NumberGrammar.accepts(bytes) else {
            try note(.invalid_number, at: start)
            return JSONNumber(0)
        }
        return JSONNumber(checked: String(decoding: bytes, as: UTF8.self))
    }

    /// Reads from the opening quote to past the closing one.
    mutating func readString() throws(Halt) -> String {
        position += 1
        let start = position
        var isASCII = true
        position = ByteScan.firstSpecial(base, from: start, to: count, isASCII: &isASCII)
        if position < count, base[position] == UInt8(ascii: "\"") {
            if !isASCII { try checkUTF8(from: start, to: position) }
            let bytes = UnsafeBufferPointer(start: base + start, count: position - start)
            position += 1
            return String(decoding: bytes, as: UTF8.self)
        }
        return try readStringWithEscapes(from: start, isASCII: &isASCII)
    }

    /// Goes on at the first escape, control character or end of input of a string that began at `start`.
    private mutating func readStringWithEscapes(from start: Int, isASCII: inout Bool) throws(Halt) -> String {
        unescaped.removeAll(keepingCapacity: true)
        var chunk = start
        while true {
            unescaped.append(contentsOf: UnsafeBufferPointer(start: base + chunk, count: position - chunk))
            guard position < count else { throw halt(.unexpected_end, at: position) }
            switch base[position] {
            case UInt8(ascii: "\""):
                if !isASCII { try checkUTF8(from: start, to: position) }
                position += 1
                return String(decoding: unescaped, as: UTF8.self)
            case UInt8(ascii: "\\"): try readEscape()
            default:
                try note(.control_character, at: position)
                position += 1
            }
            chunk = position
            position = ByteScan.firstSpecial(base, from: chunk, to: count, isASCII: &isASCII)
        }
    }

    /// Tells of the first bad byte of a string; the rest of it would mostly be echoes.
    private mutating func checkUTF8(from start: Int, to end: Int) throws(Halt) {
        if let bad = ByteScan.firstInvalidUTF8(base, from: start, to: end) { try note(.invalid_utf8, at: bad) }
    }

    private mutating func readEscape() throws(Halt) {
        guard position + 1 < count else { throw halt(.unexpected_end, at: count) }
        let letter = base[position + 1]
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): return try readUnicodeEscape()
        default: try note(.invalid_escape, at: position)
        }
        position += 2
    }

    private mutating func readUnicodeEscape() throws(Halt) {
        guard let unit = codeUnit(at: position) else {
            try note(.invalid_escape, at: position)
            position += 2
            return
        }
        if let scalar = Unicode.Scalar(unit) {
            unescaped.append(contentsOf: Unicode.UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter)
        } else if UTF16.isLeadSurrogate(unit), let low = codeUnit(at: position + 6), UTF16.isTrailSurrogate(low) {
            let pair = UTF16.decode(UTF16.EncodedScalar([unit, low]))
            unescaped.append(contentsOf: Unicode.UTF8.encode(pair) ?? Unicode.UTF8.encodedReplacementCharacter)
            position += 6
        } else {
            try note(.lone_surrogate, at: position)
            unescaped.append(contentsOf: Unicode.UTF8.encodedReplacementCharacter)
        }
        position += 6
    }

    /// The four hexadecimal digits of the `\u` escape at `offset`, if one stands there.
    private func codeUnit(at offset: Int) -> UInt16? {
        guard offset + 6 <= count, base[offset] == UInt8(ascii: "\\"), base[offset + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt16 = 0
        for index in offset + 2..<offset + 6 {
            let byte = base[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return unit
    }
}
