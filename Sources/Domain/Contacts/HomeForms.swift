/// Ways of dialling at home that change more than the front of a number.
enum HomeForms: Sendable {
    case none, brazil, mexico, argentina, unitedKingdom, gabon

    init(callingCode: Substring) {
        switch callingCode {
        case "55": self = .brazil
        case "52": self = .mexico
        case "54": self = .argentina
        case "44": self = .unitedKingdom
        case "241": self = .gabon
        default: self = .none
        }
    }

    /// The national number that these digits would stand for; whether it is one is for the plan to say.
    func rewritten(_ digits: Digits) -> Digits? {
        switch self {
        case .none: nil
        case .brazil: Self.brazilian(digits)
        case .mexico: Self.mexican(digits)
        case .argentina: Self.argentine(digits)
        case .unitedKingdom: Self.british(digits)
        case .gabon: Self.gabonese(digits)
        }
    }

    /// A long-distance carrier of two digits stands between the 0 (90 for a collect call) and the area.
    private static func brazilian(_ digits: Digits) -> Digits? {
        if digits.leading(2) == 90, 14...15 ~= digits.count { return digits.dropFirst(4) }
        return digits.leading(1) == 0 && 13...14 ~= digits.count ? digits.dropFirst(3) : nil
    }

    /// Until 2019 trunk calls began with 01, calls to mobiles with 044 or 045.
    private static func mexican(_ digits: Digits) -> Digits? {
        if digits.leading(2) == 01 { return digits.dropFirst(2) }
        return 044...045 ~= digits.leading(3) ? digits.dropFirst(3) : nil
    }

    /// Mobiles have a 15 between area and number, for which a 9 goes in front of the area.
    private static func argentine(_ digits: Digits) -> Digits? {
        var national = digits.leading(1) == 0 ? digits.dropFirst(1) : digits
        // Both the 9 and the 15, as some write it from abroad.
        if national.count == 13, national[0] == 9 { national = national.dropFirst(1) }
        guard national.count == 12 else { return nil }
        let areas = national.leading(2) == 11 ? [2] : argentineAreas.contains(national.leading(3)) ? [3, 4] : [4]
        guard let area = areas.first(where: { national.dropFirst($0).leading(2) == 15 }) else { return nil }
        return mobileNine + national.prefix(area) + national.dropFirst(area + 2)
    }

    private static let mobileNine = Digits("9")!

    /// The areas of three digits (ENACOM); all others but 11 have four, some of them
    /// with one of these in front.
    private static let argentineAreas: Set<Int> = [
        220, 221, 223, 230, 236, 237, 249, 260, 261, 263, 264, 266, 280, 291, 294, 297, 298, 299, 336, 341, 342, 343,
        345, 348, 351, 353, 358, 362, 364, 370, 376, 379, 380, 381, 383, 385, 387, 388,
    ]

    /// 18002 calls through the text relay, with the number as it is dialled behind it.
    private static func british(_ digits: Digits) -> Digits? {
        digits.leading(6) == 180_020 ? digits.dropFirst(6) : nil
    }

    /// The 0 that numbers of seven digits got in 2019 is part of them; those of eight are dialled with one.
    private static func gabonese(_ digits: Digits) -> Digits? {
        digits.leading(1) == 0 && digits.count == 9 ? digits.dropFirst(1) : nil
    }
}
