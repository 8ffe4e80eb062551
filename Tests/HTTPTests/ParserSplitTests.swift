import TestRandom
import Testing

@testable import HTTP

/// How a stream is cut into reads is the network's choice and must mean nothing.
@Suite struct ParserSplitTests {
    private static let accepted = [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b?c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "\r\n\r\nPOST /x HTTP/1.1\r\nHost: a:1\r\nContent-Length: 5\r\n\r\nhello\r\nDELETE /y HTTP/1.1\r\nHost: a\r\n\r\n",
        "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "5;x=\"y\"\r\nhello\r\n1\r\n!\r\n0\r\nSum: 1\r\n\r\nHEAD http://h/z HTTP/1.1\r\nHost: a\r\n\r\n",
    ]

    @Test func `every cut in two gives what the whole gives`() {
        for text in Self.accepted + RefusedCase.all.map(\.input) {
            let octets = Array((text + "GET /t HTTP/1.1\r\n").utf8)
            let whole = ParserTrace(feeding: [octets[...]])
            #expect(!whole.entries.isEmpty)
            for cut in 0...octets.count {
                let parts = ParserTrace(feeding: [octets[..<cut], octets[cut...]])
                #expect(parts == whole, "cut at \(cut) of \(text.debugDescription)")
            }
        }
    }

    @Test func `octet by octet gives what the whole gives`() {
        for text in Self.accepted + RefusedCase.all.map(\.input) {
            let octets = Array((text + "GET /t HTTP/1.1\r\n").utf8)
            let single = ParserTrace(feeding: octets.indices.map { octets[$0...$0] })
            #expect(single == ParserTrace(feeding: [octets[...]]), "\(text.debugDescription)")
        }
    }

    @Test func `every cut of a stream over its limits gives the same refusal`() {
        var small = HTTPServerConfiguration()
        small.requestLine = 16
        small.fieldLine = 10
        small.fieldsTotal = 24
        small.fieldCount = 2
        small.chunkExtensions = 4
        let streams = [
            "GET /12345678 HTTP/1.1\r\n", "GET /12345678901234567890\n", "GET / HTTP/1.1\r\nHost: a\r\nX: 45678901\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: 456789012\n", "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY\u{1}: 2\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTE: b\r\n\r\n",
        ]
        for text in streams {
            let octets = Array(text.utf8)
            let whole = ParserTrace(feeding: [octets[...]], configuration: small)
            for cut in 0...octets.count {
                let parts = ParserTrace(feeding: [octets[..<cut], octets[cut...]], configuration: small)
                #expect(parts == whole, "cut at \(cut) of \(text.debugDescription)")
            }
        }
    }

    @Test func `random octets and random cuts never disagree`() {
        var random = SeededGenerator(seed: 0x5EED)
        let alphabet = Array(
            "GET POST / HTTP/1.1\r\n\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n0;".utf8)
        for _ in 0..<400 {
            var octets = Array(Self.accepted.randomElement(using: &random)!.utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<octets.count, using: &random)
                if Bool.random(using: &random) {
                    octets[place] = alphabet.randomElement(using: &random)!
                } else {
                    octets.remove(at: place)
                }
            }
            let cuts = (0..<3).map { _ in Int.random(in: 0...octets.count, using: &random) }.sorted()
            let parts = zip([0] + cuts, cuts + [octets.count]).map { octets[$0..<$1] }
            #expect(
                ParserTrace(feeding: parts) == ParserTrace(feeding: [octets[...]]),
                "\(String(decoding: octets, as: UTF8.self).debugDescription) at \(cuts)")
        }
    }
}
