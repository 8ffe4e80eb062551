import Testing

@testable import Crypto

/// The AES-256 cases of the GCM specification that NIST SP 800-38D is based on (test cases 13 to 16).
@Suite("AES-256-GCM") struct CipherTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let number: Int
        let key: String
        let nonce: String
        let plaintext: String
        var associatedData = ""
        let ciphertext: String
        let tag: String

        var testDescription: String { "test case \(number)" }
    }

    static let cases = [
        Case(
            number: 13, key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12),
            plaintext: "", ciphertext: "", tag: "530f8afbc74536b9a963b4f1c4cb738b"),
        Case(
            number: 14, key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12),
            plaintext: String(repeating: "00", count: 16), ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
            tag: "d0d1c8a799996bf0265b98b5d48ab919"),
        Case(
            number: 15, key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
            ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
            tag: "b094dac5d93471bdec1a502270e3cc6c"),
        Case(
            number: 16, key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
            nonce: "cafebabefacedbaddecaf888",
            plaintext: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
            associatedData: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
            ciphertext: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
            tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]

    @Test(arguments: cases)
    func `the published vectors seal and open`(_ case: Case) throws {
        let key = try #require(SecretKey(hex: `case`.key))
        let nonce = try bytes(`case`.nonce)
        let data = try bytes(`case`.associatedData)
        let sealed = try AES256GCM.seal(try bytes(`case`.plaintext), key: key, nonce: nonce, associatedData: data)
        #expect(Hex.encode(sealed) == `case`.ciphertext + `case`.tag)
        #expect(
            try AES256GCM.open(sealed, key: key, nonce: nonce, associatedData: data) == (try bytes(`case`.plaintext)))
    }

    @Test func `a change of any byte is refused`() throws {
        let key = SecretKey.generate()
        let nonce = SecureRandom.bytes(12)
        let data = Array("instance 7".utf8)
        let sealed = try AES256GCM.seal(Array("secret token".utf8), key: key, nonce: nonce, associatedData: data)
        func opens(_ sealed: [UInt8], _ key: SecretKey, _ nonce: [UInt8], _ data: [UInt8]) -> Bool {
            (try? AES256GCM.open(sealed, key: key, nonce: nonce, associatedData: data)) != nil
        }
        #expect(opens(sealed, key, nonce, data))
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(!opens(changed, key, nonce, data))
        }
        for index in nonce.indices {
            var changed = nonce
            changed[index] ^= 0x80
            #expect(!opens(sealed, key, changed, data))
        }
        for index in data.indices {
            var changed = data
            changed[index] ^= 1
            #expect(!opens(sealed, key, nonce, changed))
        }
        #expect(!opens(sealed, key, nonce, []))
        #expect(!opens(sealed, key, nonce, data + [0]))
        #expect(!opens(Array(sealed.dropLast()), key, nonce, data))
        #expect(!opens(sealed, SecretKey.generate(), nonce, data))
    }

    @Test func `a nonce of another length and a box without a tag are malformed`() {
        let key = SecretKey.generate()
        #expect(throws: CryptoError.malformedBox) {
            try AES256GCM.seal([1], key: key, nonce: [1, 2, 3], associatedData: [])
        }
        #expect(throws: CryptoError.malformedBox) {
            try AES256GCM.open([1], key: key, nonce: SecureRandom.bytes(12), associatedData: [])
        }
    }
}
