import Crypto
import Testing

@Suite("Encodings") struct EncodingTests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", "", ""), ("f", "Zg==", "66"), ("fo", "Zm8=", "666f"), ("foo", "Zm9v", "666f6f"),
        ("foob", "Zm9vYg==", "666f6f62"), ("fooba", "Zm9vYmE=", "666f6f6261"), ("foobar", "Zm9vYmFy", "666f6f626172"),
    ])
    func `the published vectors go both ways`(_ plain: String, _ base64: String, _ hex: String) {
        let bytes = Array(plain.utf8)
        #expect(Base64.encode(bytes) == base64)
        #expect(Base64.decode(base64) == bytes)
        let unpadded = String(base64.prefix { $0 != "=" })
        #expect(Base64.encode(bytes, .urlSafe) == unpadded)
        #expect(Base64.decode(unpadded, .urlSafe) == bytes)
        #expect(Hex.encode(bytes) == hex)
        #expect(Hex.decode(hex.uppercased()) == bytes)
    }

    @Test func `every byte goes both ways at every length`() {
        let all = Array(0...255 as ClosedRange<UInt8>)
        for length in 0...all.count {
            let bytes = Array(all.suffix(length))
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
            #expect(Base64.decode(Base64.encode(bytes, .urlSafe), .urlSafe) == bytes)
            #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        }
    }

    @Test func `the alphabets differ in two letters`() {
        #expect(Base64.encode([0xFB, 0xFF, 0xFE]) == "+//+")
        #expect(Base64.encode([0xFB, 0xFF, 0xFE], .urlSafe) == "-__-")
        #expect(Base64.decode("+//+", .urlSafe) == nil)
        #expect(Base64.decode("-__-") == nil)
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Z", "Zm9v=", "Zm9v====", "Zg==Zg==", "Zm 9v", "Zm9v\n", "Zm8=\n",
        "Zh==",
        "Zm9=", "Zé==", "Zm9v!A==",
    ])
    func `loose base64 is refused`(_ text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test(arguments: ["Zg==", "Z", "Zm9vY", "Zh", "Zm9vZ9", "Zm 9", "a\n"])
    func `loose base64url is refused`(_ text: String) {
        #expect(Base64.decode(text, .urlSafe) == nil)
    }

    @Test(arguments: ["a", "abc", "0g", " 0", "0x", "00 ", "é0"])
    func `what is no hexadecimal is refused`(_ text: String) {
        #expect(Hex.decode(text) == nil)
    }
}

@Suite("Comparison and randomness") struct RandomTests {
    @Test func `equal means every byte and the length`() {
        #expect(ConstantTime.equals([1, 2, 3], [1, 2, 3]))
        #expect(ConstantTime.equals([] as [UInt8], []))
        #expect(!ConstantTime.equals([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.equals([0, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equals([1, 2, 3], [1, 2]))
        #expect(ConstantTime.equals("sha256=ab", "sha256=ab"))
        #expect(!ConstantTime.equals("\u{E9}", "e\u{301}"))
    }

    @Test(arguments: [0, 1, 16, 1023, 1024, 1025, 4096, 10_000])
    func `as many bytes come as were asked for`(_ count: Int) {
        #expect(SecureRandom.bytes(count).count == count)
    }

    @Test func `no sixteen bytes come twice, across blocks and tasks`() async {
        let drawn = await withTaskGroup(of: [[UInt8]].self) { group in
            for _ in 0..<4 { group.addTask { (0..<1000).map { _ in SecureRandom.bytes(16) } } }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(drawn).count == 4000)
    }

    @Test func `every value of a byte turns up about as often as the others`() {
        var counts = [Int](repeating: 0, count: 256)
        for _ in 0..<1000 { for byte in SecureRandom.bytes(256) { counts[Int(byte)] += 1 } }
        // 1000 expected, deviation 32: 10 deviations do not happen by chance.
        #expect(counts.allSatisfy { abs($0 - 1000) < 320 })
    }
}
