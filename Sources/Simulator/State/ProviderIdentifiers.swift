/// Ids in the shapes that the providers give theirs.
enum ProviderIdentifiers {
    /// Like Meta's: base 64 of an unpublished structure, so compared whole and never taken apart.
    static func wamid() -> String { "wamid.HBgM" + random(base64, 52) + "AA==" }

    /// Like Meta's: digits.
    static func media() -> String { random(Array("123456789"), 16) }

    static func trace() -> String { "A" + random(base64url, 22) }

    /// The part of a WAHA message id that is unique within a session.
    static func wahaHash() -> String { "3EB0" + random(hexadecimal, 18) }

    /// `evt_` and a lower-case ULID: 48 bits of milliseconds, 80 of chance, in Crockford's base 32.
    static func event(_ microseconds: Int64) -> String {
        var milliseconds = microseconds / 1_000
        var time: [Character] = []
        for _ in 0..<10 {
            time.append(crockford[Int(milliseconds & 31)])
            milliseconds >>= 5
        }
        return "evt_" + String(time.reversed()) + random(crockford, 16)
    }

    /// A version 4 UUID without dashes.
    static func request() -> String {
        let digits = Array("0123456789abcdef")
        return random(digits, 12) + "4" + random(digits, 3) + random(Array("89ab"), 1) + random(digits, 15)
    }

    private static let base64url = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    private static let base64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    private static let hexadecimal = Array("0123456789ABCDEF")
    private static let crockford = Array("0123456789abcdefghjkmnpqrstvwxyz")

    private static func random(_ alphabet: [Character], _ count: Int) -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
