/// A phone number as people write it, reduced to its digits.
struct WrittenNumber {
    private(set) var digits = Digits()
    /// It began with `+`.
    private(set) var isInternational = false
    /// The place of a `(0)` among the digits.
    private(set) var spareZero: Int?

    init(_ input: String) throws(PhoneFault) {
        if let address = TelephoneAddress(input) {
            try read(String(address.context))
            try read(String(address.number))
            if address.hasExtension { throw .hasExtension }
        } else {
            try read(input)
        }
        if digits.count == 0 { throw .empty }
    }

    private mutating func read(_ text: String) throws(PhoneFault) {
        var bracket = Bracket.none
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "0"..."9":
                try append(UInt8(truncatingIfNeeded: scalar.value) & 0x0F)
                bracket = bracket == .open && scalar == "0" ? .zero : .none
            case "+", "\u{FF0B}":
                guard !isInternational, digits.count == 0 else { throw .unexpectedCharacter }
                isInternational = true
            case "(", "\u{FF08}":
                bracket = .open
            case ")", "\u{FF09}":
                if bracket == .zero { spareZero = digits.count - 1 }
                bracket = .none
            case " ", "-", ".", "/", "\t", "[", "]", "~", "\u{AD}", "\u{2060}", "\u{FEFF}", "\u{2010}"..."\u{2015}",
                "\u{2212}", "\u{30FC}", "\u{FF0D}"..."\u{FF0F}", "\u{FF3B}", "\u{FF3D}", "\u{FF5E}", "\u{2053}",
                "\u{223C}", "\u{200B}"..."\u{200F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
                continue
            default:
                if scalar.properties.isWhitespace { continue }
                guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else {
                    throw digits.count > 0 && Self.isExtension(scalar, scalars) ? .hasExtension : .unexpectedCharacter
                }
                try append(UInt8(value))
                bracket = bracket == .open && value == 0 ? .zero : .none
            }
        }
    }

    private mutating func append(_ digit: UInt8) throws(PhoneFault) {
        guard digits.count < Digits.most else { throw .tooLong }
        digits.append(digit)
    }

    /// How far a `(0)` has been read.
    private enum Bracket { case none, open, zero }

    /// `x 5`, `ext. 5`, `ramal 5`, `#5`: signs, then nothing but digits.
    private static func isExtension(_ first: Unicode.Scalar, _ rest: String.UnicodeScalarView.Iterator) -> Bool {
        guard first.properties.isAlphabetic || "#;,".unicodeScalars.contains(first) else { return false }
        let behind = Array(IteratorSequence(rest).drop { !("0"..."9").contains($0) })
        return !behind.isEmpty && behind.allSatisfy { ("0"..."9").contains($0) || $0 == " " }
    }
}
