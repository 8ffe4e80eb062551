import Crypto
import Testing

@Suite("Sealed boxes and key rings") struct SealedBoxTests {
    let old = String(repeating: "0a", count: 32)
    let new = String(repeating: "0b", count: 32)
    let place = Array("instance 7 token".utf8)

    @Test(arguments: ["", "a", "EAAG token é", String(repeating: "x", count: 100_000)])
    func `what is sealed opens`(_ plain: String) throws {
        let ring = try #require(KeyRing(setting: "k1:\(old)"))
        let text = try ring.seal(Array(plain.utf8), associatedData: place)
        #expect(try ring.open(text, associatedData: place) == Array(plain.utf8))
    }

    @Test func `the text names version and key, and is never the same twice`() throws {
        let ring = try #require(KeyRing(setting: "k1:\(old)"))
        let one = try ring.seal([1, 2, 3], associatedData: place)
        let other = try ring.seal([1, 2, 3], associatedData: place)
        #expect(one != other)
        let parts = one.split(separator: ".").map(String.init)
        #expect(parts.prefix(2) == ["v1", "k1"])
        #expect(Base64.decode(parts[2], .urlSafe)?.count == 12)
        #expect(Base64.decode(parts[3], .urlSafe)?.count == 3 + 16)
        #expect(try SealedBox(text: one).text == one)
    }

    @Test func `a text moved to another place does not open`() throws {
        let ring = try #require(KeyRing(setting: "k1:\(old)"))
        let text = try ring.seal([1], associatedData: place)
        #expect(throws: CryptoError.authenticationFailed) {
            try ring.open(text, associatedData: Array("instance 8 token".utf8))
        }
    }

    @Test func `rotation opens the old and seals with the new`() throws {
        let before = try #require(KeyRing(setting: "k1:\(old)"))
        let after = try #require(KeyRing(setting: "k2:\(new),k1:\(old)"))
        let text = try before.seal([7], associatedData: place)
        #expect(try after.open(text, associatedData: place) == [7])
        #expect(try after.isOutdated(text))
        let again = try after.seal([7], associatedData: place)
        #expect(again.hasPrefix("v1.k2."))
        #expect(try !after.isOutdated(again))
        #expect(throws: CryptoError.unknownKey) { try before.open(again, associatedData: place) }
    }

    @Test func `the same id with another key does not open`() throws {
        let one = try #require(KeyRing(setting: "k1:\(old)"))
        let other = try #require(KeyRing(setting: "k1:\(new)"))
        let text = try one.seal([7], associatedData: place)
        #expect(throws: CryptoError.authenticationFailed) { try other.open(text, associatedData: place) }
    }

    @Test(arguments: [
        "", "v1", "v1.k1", "v2.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA", "v1.k1.AAAA.AAAAAAAAAAAAAAAAAAAAAA",
        "v1.k1.AAAAAAAAAAAAAAAA.AAAA", "v1..AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA",
        "v1.k 1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA", "v1.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA.x",
        "v1.k1.AAAAAAAAAAAAAAA=.AAAAAAAAAAAAAAAAAAAAAA", "v1.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAB",
        "v1.k1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA\n",
    ])
    func `a malformed text is called so`(_ text: String) throws {
        let ring = try #require(KeyRing(setting: "k1:\(old)"))
        #expect(throws: CryptoError.malformedBox) { try ring.open(text, associatedData: []) }
    }

    @Test(arguments: ["", "k1", "k1:", "k1:00", ":\(String(repeating: "0a", count: 32))", "k1:zz", "a b:00"])
    func `a setting without good keys makes no ring`(_ setting: String) {
        #expect(KeyRing(setting: setting) == nil)
    }

    @Test func `two keys of one id make no ring`() {
        #expect(KeyRing(setting: "k1:\(old),k1:\(new)") == nil)
        #expect(KeyRing(setting: "k1:\(old),") == nil)
    }

    @Test func `a key is 32 bytes in hexadecimal or base64`() {
        let bytes = [UInt8](repeating: 0xFB, count: 32)
        #expect(SecretKey(bytes: bytes) != nil)
        #expect(SecretKey(bytes: Array(bytes.dropLast())) == nil)
        #expect(SecretKey(hex: Hex.encode(bytes)) != nil)
        #expect(SecretKey(hex: Hex.encode(bytes) + "00") == nil)
        #expect(SecretKey(base64: Base64.encode(bytes)) != nil)
        #expect(SecretKey(base64: Base64.encode(bytes, .urlSafe)) != nil)
        #expect(SecretKey(base64: Base64.encode(bytes + [0])) == nil)
        #expect(SecretKey(text: Hex.encode(bytes)) != nil)
        #expect(SecretKey(text: Base64.encode(bytes)) != nil)
        #expect(SecretKey(text: "short") == nil)
    }

    @Test func `neither a key nor an error shows a secret`() throws {
        let key = try #require(SecretKey(hex: old))
        var shown = ""
        dump(key, to: &shown)
        shown += "\(key) \(String(reflecting: key))"
        #expect(!shown.contains("10") && !shown.lowercased().contains("0a"))
        #expect("\(CryptoError.authenticationFailed)" == "the sealed text does not authenticate")
    }

    @Test(arguments: ["", "a.b", "a b", "é", String(repeating: "k", count: 33)])
    func `a key id is a short plain word`(_ text: String) {
        #expect(KeyID(text) == nil)
    }

    @Test func `keyed hashes are the ring's own, the current key's first, and apart by purpose`() throws {
        let before = try #require(KeyRing(setting: "k1:\(old)"))
        let after = try #require(KeyRing(setting: "k2:\(new),k1:\(old)"))
        let hash = before.keyedHashes(place, purpose: "a")
        #expect(hash.count == 1 && hash[0].count == 32)
        let both = after.keyedHashes(place, purpose: "a")
        #expect(both.count == 2)
        #expect(both[1] == hash[0] && both[0] != hash[0])
        #expect(before.keyedHashes(place, purpose: "b") != hash)
        #expect(before.keyedHashes([1], purpose: "a") != hash)
    }
}
