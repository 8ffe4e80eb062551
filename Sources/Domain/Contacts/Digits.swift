/// Up to thirty decimal digits in one machine value, so that reading a number allocates nothing.
struct Digits: Hashable, Sendable {
    static let most = 30

    /// Four bits a digit, the last digit lowest.
    private var packed: UInt128 = 0
    private(set) var count = 0

    init() {}

    /// Nil for anything but ASCII digits, or too many of them.
    init?(_ text: some StringProtocol) {
        for byte in text.utf8 {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte, count < Self.most else { return nil }
            append(byte & 0x0F)
        }
    }

    private init(packed: UInt128, count: Int) {
        self.packed = packed
        self.count = count
    }

    /// Of the digits that are there, not of their bytes in ASCII.
    subscript(place: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: packed >> (4 * (count - 1 - place))) & 0x0F
    }

    mutating func append(_ digit: UInt8) {
        packed = packed << 4 | UInt128(digit)
        count += 1
    }

    func prefix(_ length: Int) -> Digits {
        length >= count ? self : Digits(packed: packed >> (4 * (count - length)), count: length)
    }

    func dropFirst(_ length: Int) -> Digits {
        guard length < count else { return Digits() }
        let left = count - length
        return Digits(packed: packed & (1 << (4 * left) - 1), count: left)
    }

    /// - Parameter place: of a digit that is there.
    func removing(at place: Int) -> Digits { prefix(place) + dropFirst(place + 1) }

    func hasPrefix(_ other: Digits) -> Bool {
        other.count <= count && packed >> (4 * (count - other.count)) == other.packed
    }

    /// The first digits, 16 at the most, as one number: of `5511…`, three are 551. Missing ones count as 0.
    func leading(_ length: Int) -> Int {
        let shift = 4 * (count - length)
        var places = UInt64(truncatingIfNeeded: shift >= 0 ? packed >> shift : packed << -shift)
        var (number, unit) = (0, 1)
        while places != 0 {
            number += Int(places & 0x0F) * unit
            (places, unit) = (places >> 4, unit * 10)
        }
        return number
    }

    static func + (front: Digits, back: Digits) -> Digits {
        Digits(packed: front.packed << (4 * back.count) | back.packed, count: front.count + back.count)
    }

    var text: String {
        String(unsafeUninitializedCapacity: count) { bytes in
            for place in 0..<count { bytes[place] = UInt8(ascii: "0") | self[place] }
            return count
        }
    }
}

/// Digits and sets of digits: `2[03-57]x` is a 2, one of 0, 3, 4, 5 and 7, and any.
struct DigitPattern: Sendable {
    /// A set of digits for each place, as bits.
    let places: [UInt16]

    static let anyDigit: UInt16 = 0b11_1111_1111

    init(_ text: some StringProtocol) {
        var places: [UInt16] = []
        var open: (set: UInt16, last: UInt8, isRange: Bool)?
        for byte in text.utf8 {
            switch (byte, open) {
            case (UInt8(ascii: "["), _): open = (0, 0, false)
            case (UInt8(ascii: "]"), let group?):
                places.append(group.set)
                open = nil
            case (UInt8(ascii: "-"), _?): open?.isRange = true
            case (UInt8(ascii: "x"), nil): places.append(Self.anyDigit)
            default:
                let digit = byte & 0x0F
                if let group = open {
                    let added = ((group.isRange ? group.last : digit)...digit).reduce(UInt16(0)) { $0 | 1 << $1 }
                    open = (group.set | added, digit, false)
                } else {
                    places.append(1 << digit)
                }
            }
        }
        self.places = places
    }

    func begins(_ digits: Digits) -> Bool {
        guard digits.count >= places.count else { return false }
        for (index, set) in places.enumerated() where set & (1 << digits[index]) == 0 { return false }
        return true
    }
}
