@testable import Crypto
@testable import Domain

extension FuzzTarget {
    /// Base64, hexadecimal, instants, key tokens: each text has one value, and each value comes back.
    static let encoding = FuzzTarget(
        name: "encoding",
        seeds: [
            "Zm9vYmE=", "Zm9vYg==", "-_-_", "00ff7F", "2026-11-20T14:55:49.123Z", "2024-02-29", "1990-12-31T23:59:60Z",
            "2026-11-20t14:55:49.123456789-03:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999-23:59",
            "crm_000000000000000000000000000000000000",
        ],
        words: ["=", "==", "+/", "-_", "T", "Z", "+00:00", "-23:59", "-02-29", "crm_", "0001-01-01", "9999-12-31", "."]
    ) { input in
        let octets = input.material
        let text = input.text
        for alphabet in [Base64.Alphabet.standard, .urlSafe] {
            claim(Base64.decode(Base64.encode(octets, alphabet), alphabet) == octets, "base64 comes back otherwise")
            if let value = Base64.decode(text, alphabet) {
                claim(Base64.encode(value, alphabet) == text, "two texts in base64 for one value: \(text)")
            }
        }
        claim(Hex.decode(Hex.encode(octets)) == octets, "hexadecimal comes back otherwise")
        if let value = Hex.decode(text) { claim(Hex.encode(value) == text.lowercased(), "another text: \(text)") }

        judge(Timestamp(microseconds: input.integer()))
        if let instant = Timestamp(rfc3339: text) {
            claim((Timestamp.earliest...Timestamp.latest).contains(instant), "\(text) lies outside the calendar")
            judge(instant)
        }
        if let token = APIKeyToken(text) { claim(token.text == text, "another token") }
        if let token = APIKeyToken(random: octets) {
            claim(APIKeyToken(token.text) == token, "a token of ours is none")
        }
        _ = StopWords.contains(text)
    }

    private static func judge(_ instant: Timestamp) {
        let inside = min(max(instant, .earliest), .latest)
        guard let again = Timestamp(rfc3339: instant.text) else { return claim(false, "\(instant.text) is no instant") }
        claim((0..<1_000).contains(inside.microseconds - again.microseconds), "\(instant.text) is another instant")
        claim(again.text == instant.text, "\(instant.text) is \(again.text) the next time")
    }
}
