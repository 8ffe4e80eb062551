/// A phone number as people write it, reduced to its digits.
struct PhoneDigits {
    let digits: String
    /// It began with `+`, or with `00` as in most of the world.
    let isInternational: Bool

    /// Nil for what no phone number has in it: letters, a second `+`, too many digits.
    init?(_ input: String) {
        var digits: [UInt8] = []
        var hasPlus = false
        for scalar in input.unicodeScalars {
            switch scalar {
            case "0"..."9":
                digits.append(UInt8(ascii: scalar))
            case "+", "\u{FF0B}":
                guard !hasPlus, digits.isEmpty else { return nil }
                hasPlus = true
            case " ", "-", "(", ")", ".", "/", "\t", "\u{AD}", "\u{2060}", "\u{FEFF}", "\u{2010}"..."\u{2015}",
                "\u{2212}", "\u{200B}"..."\u{200F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
                continue
            default:
                if scalar.properties.isWhitespace { continue }
                guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue
                else { return nil }
                digits.append(UInt8(ascii: "0") + UInt8(value))
            }
            // A trunk prefix, a carrier and fifteen digits stay below.
            if digits.count > 20 { return nil }
        }
        if !hasPlus, digits.starts(with: "00".utf8) {
            digits.removeFirst(2)
            hasPlus = true
        }
        self.digits = String(decoding: digits, as: UTF8.self)
        isInternational = hasPlus
    }
}
