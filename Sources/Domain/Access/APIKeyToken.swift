/// The secret itself: `crm_`, 30 random base62 characters, 6 of checksum, so that a typo costs no query.
///
/// It has no description: a token in a log line is a leak.
package struct APIKeyToken: Sendable, Hashable {
    package static let marker = "crm_"
    private static let randomLength = 30
    private static let checksumLength = 6
    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    package let text: String

    /// Refuses what has not the shape, or whose checksum does not fit.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let signedLength = Self.marker.utf8.count + Self.randomLength
        guard bytes.count == signedLength + Self.checksumLength, bytes.starts(with: Self.marker.utf8),
            bytes[Self.marker.utf8.count..<signedLength].allSatisfy(Self.isBase62),
            bytes[signedLength...].elementsEqual(Self.checksum(of: bytes[..<signedLength]))
        else { return nil }
        self.text = text
    }

    /// Nil when the bytes run out: about one in 32 is thrown away, so that each character is equally likely.
    package init?(random: [UInt8]) {
        let unbiased = UInt8(256 / Self.alphabet.count * Self.alphabet.count)
        let chosen = random.lazy.filter { $0 < unbiased }.prefix(Self.randomLength)
        let characters = chosen.map { Self.alphabet[Int($0) % Self.alphabet.count] }
        guard characters.count == Self.randomLength else { return nil }
        let signed = Array(Self.marker.utf8) + characters
        text = String(decoding: signed + Self.checksum(of: signed[...]), as: UTF8.self)
    }

    /// What may be shown, for people to tell keys apart.
    package var prefix: String { String(text.prefix(8)) }

    private static func isBase62(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// Padded with zeros: 62⁶ is more than 2³².
    private static func checksum(of bytes: ArraySlice<UInt8>) -> [UInt8] {
        var rest = CRC32.checksum(bytes)
        var digits = [UInt8](repeating: alphabet[0], count: checksumLength)
        for index in digits.indices.reversed() {
            digits[index] = alphabet[Int(rest % 62)]
            rest /= 62
        }
        return digits
    }
}
