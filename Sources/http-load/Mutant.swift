/// Requests spoilt in the ways in which parsers go wrong.
struct Mutant {
    private static let seeds: [String] = [
        "GET / HTTP/1.1\r\nHost: load\r\nX-A: b\r\n\r\n",
        "GET http://load:80/?a=b HTTP/1.1\r\nHost: load\r\nCookie: a=b; c=d\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: load\r\nContent-Length: 11\r\n\r\nhello world",
        "POST / HTTP/1.1\r\nHost: load\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: load\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /echo HTTP/1.1\r\nHost: load\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: load\r\n\r\n",
    ]

    /// Octets and words that mean something to a parser.
    private static let spices: [[UInt8]] = [
        [0], [0x0A], [0x0D], [0x0D, 0x0A], [0x20], [0x09], [0x0B], [0x7F], [0x80], [0xFF], Array(":".utf8),
        Array(",".utf8),
        Array(";".utf8), Array("\r\n\r\n".utf8), Array("\r\n ".utf8), Array("+".utf8), Array("-".utf8),
        Array("0x".utf8),
        Array("99999999999999999999".utf8), Array("FFFFFFFFFFFFFFFF".utf8), Array("Content-Length: 5\r\n".utf8),
        Array("Transfer-Encoding: chunked\r\n".utf8), Array("Host: b\r\n".utf8), Array("GET / HTTP/1.1\r\n".utf8),
        [UInt8](repeating: 0x41, count: 9_000), [UInt8](repeating: 0x41, count: 40_000),
    ]

    static func make(_ random: inout SeededRandom) -> [UInt8] {
        var bytes = Array(seeds.randomElement(using: &random)!.utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.insert(contentsOf: spices.randomElement(using: &random)!, at: place)
            case 3: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...8, using: &random)))
            case 4:
                let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
                bytes.insert(contentsOf: Array(bytes[place..<end]), at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
