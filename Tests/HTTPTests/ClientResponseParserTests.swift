import Testing

@testable import HTTP

@Suite struct ClientResponseParserTests {
    struct Accepted: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: String
        var toHEAD = false
        var ends = false
        let status: Int
        let body: String
        let keepsAlive: Bool
        var testDescription: String { name }
    }

    static let accepted: [Accepted] = [
        Accepted(
            name: "a length", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello",
            keepsAlive: true),
        Accepted(
            name: "length 0", bytes: "HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", status: 200, body: "",
            keepsAlive: true),
        Accepted(
            name: "no reason", bytes: "HTTP/1.1 404 \r\nContent-Length: 1\r\n\r\nx", status: 404, body: "x",
            keepsAlive: true),
        Accepted(
            name: "no blank before no reason", bytes: "HTTP/1.1 404\r\nContent-Length: 1\r\n\r\nx", status: 404,
            body: "x", keepsAlive: true),
        Accepted(
            name: "equal lengths twice",
            bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2, 2\r\n\r\nab",
            status: 200, body: "ab", keepsAlive: true),
        Accepted(
            name: "chunks",
            bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n",
            status: 200, body: "abc0123456789", keepsAlive: true),
        Accepted(
            name: "chunk extensions and trailers",
            bytes:
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=\"b\"\r\nx\r\n0 ;z\r\nDigest: a b\r\nE:\r\n\r\n",
            status: 200, body: "x", keepsAlive: true),
        Accepted(
            name: "until close", bytes: "HTTP/1.1 200 OK\r\n\r\nall of it", ends: true, status: 200, body: "all of it",
            keepsAlive: false),
        Accepted(
            name: "HTTP/1.0", bytes: "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", status: 200, body: "ab",
            keepsAlive: false),
        Accepted(
            name: "HTTP/1.0 kept", bytes: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nab",
            status: 200, body: "ab", keepsAlive: true),
        Accepted(
            name: "close", bytes: "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nab",
            status: 200, body: "ab", keepsAlive: false),
        Accepted(
            name: "204", bytes: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, body: "", keepsAlive: true),
        Accepted(
            name: "304 with a length", bytes: "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", status: 304,
            body: "", keepsAlive: true),
        Accepted(
            name: "HEAD", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", toHEAD: true, status: 200, body: "",
            keepsAlive: true),
        Accepted(
            name: "HEAD of chunks", bytes: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", toHEAD: true,
            status: 200, body: "", keepsAlive: true),
        Accepted(
            name: "interim responses first",
            bytes: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok",
            status: 201, body: "ok", keepsAlive: true),
        Accepted(
            name: "more than was promised", bytes: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", status: 200,
            body: "ab", keepsAlive: false),
        Accepted(
            name: "octets above 0x7F in a reason", bytes: "HTTP/1.1 500 N\u{e3}o\r\nContent-Length: 0\r\n\r\n",
            status: 500, body: "", keepsAlive: true),
    ]

    @Test(arguments: accepted)
    func `a response is read the same however its bytes are cut`(_ sample: Accepted) throws {
        let bytes = Array(sample.bytes.utf8)
        for cut in 0...bytes.count {
            try expect(sample, pieces: [Array(bytes[..<cut]), Array(bytes[cut...])])
        }
        try expect(sample, pieces: bytes.map { [$0] })
    }

    private func expect(_ sample: Accepted, pieces: [[UInt8]]) throws {
        var parser = HTTPResponseParser(toHEAD: sample.toHEAD, maximumBody: 1000)
        for piece in pieces { try piece.withUnsafeBytes { try parser.consume($0) } }
        #expect(parser.isDone == !sample.ends)
        if sample.ends { try parser.end() }
        let response = try #require(parser.response)
        #expect(response.status.code == sample.status)
        #expect(String(decoding: response.body, as: UTF8.self) == sample.body)
        #expect(parser.keepsAlive == sample.keepsAlive)
    }

    @Test func `fields keep their order and lose the blanks around their values`() throws {
        var parser = HTTPResponseParser(toHEAD: false, maximumBody: 10)
        let text = "HTTP/1.1 200 OK\r\nB: \t two words \r\nA:1\r\nb: 3\r\nContent-Length: 0\r\n\r\n"
        try Array(text.utf8).withUnsafeBytes { try parser.consume($0) }
        let fields = try #require(parser.response).fields
        #expect(fields.map(\.name) == ["B", "A", "b", "Content-Length"])
        #expect(fields.all("b") == ["two words", "3"])
    }

    static let refused: [(String, HTTPResponseFault)] = [
        ("HTP/1.1 200 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1  200 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 20 OK\r\n\r\n\r\n", .statusLine),
        ("HTTP/1.1 2000\r\n\r\n", .statusLine),
        ("HTTP/1.1 600 No\r\n\r\n", .statusLine),
        ("HTTP/1.1 000 No\r\n\r\n", .statusLine),
        ("HTTP/11 200 OK\r\n\r\n", .statusLine),
        ("HTTP/1.1 200 a\u{1}b\r\n\r\n", .statusLine),
        ("\r\nHTTP/1.1 200 OK\r\n\r\n", .statusLine),
        ("HTTP/2.0 200 OK\r\n\r\n", .version),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", .switchingProtocols),
        (String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 17), .tooManyInterim),
        ("HTTP/1.1 200 OK\nA: b\n\n", .lineEnding),
        ("HTTP/1.1 200 OK\r\nA: b\n\r\n", .lineEnding),
        ("HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", .fieldName),
        ("HTTP/1.1 200 OK\r\nA : c\r\n\r\n", .fieldName),
        ("HTTP/1.1 200 OK\r\n: c\r\n\r\n", .fieldName),
        ("HTTP/1.1 200 OK\r\nAb\r\n\r\n", .fieldName),
        ("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", .fieldValue),
        ("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", .fieldValue),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .foldedField),
        ("HTTP/1.1 200 OK\r\nA: \(String(repeating: "a", count: 33_000))", .headTooLarge),
        // However much of it has come before it is judged.
        ("HTTP/1.1 200 OK\r\nA: \(String(repeating: "a", count: 33_000))\n", .headTooLarge),
        ("HTTP/1.1 200 OK\r\n\(String(repeating: "A: b\r\n", count: 101))\r\n", .headTooLarge),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .contentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", .contentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\n", .contentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", .contentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", .contentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .contentLengthConflict),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n", .contentLengthConflict),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: x\r\n\r\n", .contentLengthConflict),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentLengthWithTransferEncoding
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .transferEncoding),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncoding),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n", .transferEncoding),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncoding),
        (chunked("\r\n"), .chunkSize),
        (chunked("g\r\n"), .chunkSize),
        (chunked("0x1\r\n"), .chunkSize),
        (chunked("-1\r\n"), .chunkSize),
        (chunked("1\rx"), .chunkSize),
        (chunked("1\nx"), .chunkSize),
        (chunked("1111111111111111\r\n"), .chunkSize),
        (chunked("1;a\u{1}\r\nx"), .chunkSize),
        (chunked("1;\(String(repeating: "a", count: 9_000))"), .headTooLarge),
        (chunked("1\r\nab\r\n"), .chunkEnding),
        (chunked("1\r\na\rb"), .chunkEnding),
        (chunked("0\r\n:x\r\n\r\n"), .trailer),
        (chunked("0\r\na: b\rx"), .trailer),
        (chunked("0\r\n\rx"), .trailer),
        (chunked("0\r\na: \(String(repeating: "a", count: 9_000))"), .headTooLarge),
        (chunked("65\r\n\(String(repeating: "a", count: 101))\r\n"), .bodyTooLarge),
        ("HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", .bodyTooLarge),
        ("HTTP/1.1 200 OK\r\n\r\n\(String(repeating: "a", count: 101))", .bodyTooLarge),
    ]

    private static func chunked(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    }

    @Test(arguments: refused)
    func `a response that breaks a rule is refused, whole or byte by byte`(
        _ text: String, _ fault: HTTPResponseFault
    ) throws {
        let bytes = Array(text.utf8)
        for pieces in [[bytes], bytes.map { [$0] }] {
            var parser = HTTPResponseParser(toHEAD: false, maximumBody: 100)
            #expect(throws: fault) {
                for piece in pieces { try piece.withUnsafeBytes { try parser.consume($0) } }
            }
        }
    }

    @Test func `an end before the message's own end is told`() throws {
        let whole = Array("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".utf8)
        for count in 0..<whole.count {
            var parser = HTTPResponseParser(toHEAD: false, maximumBody: 100)
            try whole[..<count].withUnsafeBytes { try parser.consume($0) }
            #expect(throws: HTTPResponseFault.closedEarly) { try parser.end() }
        }
    }
}
