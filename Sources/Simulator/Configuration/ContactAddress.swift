/// How a provider names the other end: a phone number, or Meta's business-scoped user id.
enum ContactAddress: Sendable, Hashable {
    case phone(DialledNumber)
    case user(String)

    /// - Parameter text: a number in any form, or a user id such as `BR.1a2b3c`.
    init?(_ text: String) {
        if Self.isUserID(text) {
            self = .user(text)
        } else if let number = DialledNumber(international: text) {
            self = .phone(number)
        } else {
            return nil
        }
    }

    /// Two capitals, a point, 1 to 128 letters and digits; a parent's id has `ENT.` in between.
    static func isUserID(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3 && parts[1] == "ENT", let tail = parts.last else { return false }
        return parts[0].count == 2 && parts[0].allSatisfy { $0.isASCII && $0.isUppercase }
            && (1...128).contains(tail.count)
            && tail.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    /// `+` and digits, or the user id.
    var text: String {
        switch self {
        case .phone(let number): number.e164
        case .user(let id): id
        }
    }

    /// Equal for the forms of one number.
    var matchKey: String {
        switch self {
        case .phone(let number): number.matchKey
        case .user(let id): id
        }
    }

    var number: DialledNumber? {
        if case .phone(let number) = self { number } else { nil }
    }
}
