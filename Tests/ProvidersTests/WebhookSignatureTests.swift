import Crypto
import Testing

@testable import Providers

@Suite struct WebhookSignatureTests {
    // RFC 4231, test case 2: key "Jefe".
    static let message = Array("what do ya want for nothing?".utf8)
    static let sha256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    static let sha512 =
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"

    @Test func `Meta's signature is judged over the bytes as they came`() {
        #expect(
            CloudAPIWebhook.verify(body: Self.message, signatureHeader: "sha256=\(Self.sha256)", appSecret: "Jefe"))
    }

    @Test(arguments: [
        nil, "", "sha256=", Self.sha256, "sha1=\(Self.sha256)", "sha256=\(Self.sha256)00", "sha256=zz",
        "sha256=\(Self.sha256.dropLast())4", "SHA256=\(Self.sha256)", "sha256= \(Self.sha256)",
    ])
    func `a signature that is not Meta's is refused`(_ header: String?) {
        #expect(!CloudAPIWebhook.verify(body: Self.message, signatureHeader: header, appSecret: "Jefe"))
    }

    @Test func `one bit of body or key is enough to be refused, and no key admits nobody`() {
        var other = Self.message
        other[0] ^= 1
        let header = "sha256=\(Self.sha256)"
        #expect(!CloudAPIWebhook.verify(body: other, signatureHeader: header, appSecret: "Jefe"))
        #expect(!CloudAPIWebhook.verify(body: Self.message, signatureHeader: header, appSecret: "jefe"))
        let keyless = "sha256=" + Hex.encode(HMAC.sha256(key: [], message: Self.message))
        #expect(!CloudAPIWebhook.verify(body: Self.message, signatureHeader: keyless, appSecret: ""))
        let keyless512 = Hex.encode(HMAC.sha512(key: [], message: Self.message))
        #expect(!WAHAWebhook.verify(body: Self.message, signatureHeader: keyless512, key: ""))
    }

    @Test func `a body with accents is judged in its escaped form too`() {
        let body = Array(#"{"body":"äöå é 😀","url":"a/b"}"#.utf8)
        let escaped = Array(#"{"body":"\u00e4\u00f6\u00e5 \u00e9 \ud83d\ude00","url":"a/b"}"#.utf8)
        #expect(CloudAPIWebhook.escapingNonASCII(body) == escaped)
        for form in [body, escaped] {
            let header = "sha256=" + Hex.encode(HMAC.sha256(key: Array("s".utf8), message: form))
            #expect(CloudAPIWebhook.verify(body: body, signatureHeader: header, appSecret: "s"))
        }
        let other = "sha256=" + Hex.encode(HMAC.sha256(key: Array("s".utf8), message: escaped + [32]))
        #expect(!CloudAPIWebhook.verify(body: body, signatureHeader: other, appSecret: "s"))
        #expect(CloudAPIWebhook.escapingNonASCII([0x61]) == nil)
        #expect(CloudAPIWebhook.escapingNonASCII([0xFF]) == nil)
    }

    @Test func `WAHA's signature is SHA-512 without a prefix`() {
        #expect(WAHAWebhook.verify(body: Self.message, signatureHeader: Self.sha512, key: "Jefe"))
        for header in [nil, "", "sha512=\(Self.sha512)", Self.sha256, String(Self.sha512.dropLast(2))] {
            #expect(!WAHAWebhook.verify(body: Self.message, signatureHeader: header, key: "Jefe"))
        }
    }

    @Test func `a subscription is answered with its challenge`() {
        let query = [("hub.mode", "subscribe"), ("hub.challenge", "1158201444"), ("hub.verify_token", "tk")]
        #expect(CloudAPIWebhook.challenge(query: query, verifyToken: "tk") == "1158201444")
    }

    @Test(arguments: [
        [("hub.mode", "subscribe"), ("hub.challenge", "1"), ("hub.verify_token", "tk2")],
        [("hub.mode", "subscribe"), ("hub.challenge", "1"), ("hub.verify_token", "")],
        [("hub.mode", "unsubscribe"), ("hub.challenge", "1"), ("hub.verify_token", "tk")],
        [("hub.challenge", "1"), ("hub.verify_token", "tk")],
        [("hub.mode", "subscribe"), ("hub.verify_token", "tk")],
        [("hub.mode", "subscribe"), ("hub.challenge", "1")],
        [("hub.mode", "subscribe"), ("hub.challenge", "<b>"), ("hub.verify_token", "tk")],
        [("hub.mode", "subscribe"), ("hub.challenge", "1"), ("hub.verify_token", "x"), ("hub.verify_token", "tk")],
    ])
    func `anything else is answered with nothing`(_ query: [(String, String)]) {
        #expect(CloudAPIWebhook.challenge(query: query, verifyToken: "tk") == nil)
        #expect(CloudAPIWebhook.challenge(query: query, verifyToken: "") == nil)
    }
}
