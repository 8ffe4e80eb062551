/// Sign, digits and power of ten of a number text: `digits` × 10^`exponent`, without zeros at either end.
struct ExactDecimal {
    private(set) var isNegative = false
    private(set) var digits: [UInt8] = []
    private(set) var exponent = 0

    /// `text` must be a number by RFC 8259.
    init(_ text: String) {
        var inFraction = false
        var bytes = text.utf8[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent += Self.power(bytes)
                bytes = bytes[bytes.endIndex...]
            default:
                if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte - UInt8(ascii: "0")) }
                if inFraction { exponent -= 1 }
            }
        }
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
    }

    func integer(scale: Int) -> Int64? {
        if digits.isEmpty { return 0 }
        let zeros = exponent + scale
        // 19 digits hold every Int64; more would only cost time.
        guard zeros >= 0, digits.count + zeros <= 19 else { return nil }
        var magnitude: UInt64 = 0
        for digit in digits { magnitude = magnitude * 10 + UInt64(digit) }
        for _ in 0..<zeros { magnitude *= 10 }
        if isNegative { return magnitude == Int64.min.magnitude ? .min : Int64(exactly: magnitude).map { -$0 } }
        return Int64(exactly: magnitude)
    }

    /// The exponent part, held within ±1,000,000: far past any integer and safe to add to.
    private static func power(_ bytes: Substring.UTF8View) -> Int {
        var power = 0
        var isNegative = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "-"): isNegative = true
            case UInt8(ascii: "+"): break
            default: power = min(power * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
            }
        }
        return isNegative ? -power : power
    }
}
