@testable import HTTP

extension FuzzTarget {
    /// The client's response parser, which reads what servers that nobody vouches for send.
    static let response = FuzzTarget(
        name: "response",
        seeds: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 404\r\nContent-Length: 1, 1\r\n\r\nx",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1;a=\"b\"\r\nx\r\n0 ;z\r\nDigest: a b\r\n\r\n",
            "HTTP/1.0 200 OK\r\nConnection: x, Keep-Alive\r\n\r\nall of it",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No\r\n\r\nmore",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/2 200\r\n\r\n",
        ],
        words: [
            "\r\n", "\r\n\r\n", "HTTP/1.1 ", "HTTP/1.0 ", "200 OK\r\n", "101", "204", "304", "599", "Content-Length: ",
            "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "0\r\n\r\n", "9223372036854775808", ", ",
        ]
    ) { input in
        let toHEAD = input.isOne(in: 4)
        let limit = input.one(of: [0, 3, 64, 1 << 20])
        let octets = input.stretched()
        let whole = ResponseReading([octets[...]], toHEAD: toHEAD, limit: limit)
        let parts = ResponseReading(input.pieces(octets), toHEAD: toHEAD, limit: limit)
        claim(whole == parts, "\(parts) in pieces, \(whole) as a whole")
        guard let response = whole.response else { return claim(whole.fault != nil, "neither response nor fault") }
        claim(whole.fault == nil, "a response and a fault")
        claim((200...599).contains(response.status.code), "the status is \(response.status.code)")
        claim(response.body.count <= limit, "\(response.body.count) octets, over \(limit)")
        claim(!toHEAD || response.body.isEmpty, "a body in answer to HEAD")
        for (name, value) in response.fields {
            claim(HTTPFields.isValid(name: name), "a field is named \(name)")
            claim(HTTPFields.isValid(value: value), "a value is \(value.debugDescription)")
        }
    }
}

private struct ResponseReading: Hashable {
    var response: HTTPClientResponse?
    var fault: HTTPResponseFault?
    var keepsAlive = false

    init(_ pieces: [ArraySlice<UInt8>], toHEAD: Bool, limit: Int) {
        var parser = HTTPResponseParser(toHEAD: toHEAD, maximumBody: limit)
        do throws(HTTPResponseFault) {
            for piece in pieces { try feed(&parser, Array(piece)) }
            keepsAlive = parser.keepsAlive
            try parser.end()
            response = parser.response
        } catch {
            fault = error
        }
        claim(!parser.keepsAlive || response != nil, "a connection is kept that has ended")
    }

    private func feed(_ parser: inout HTTPResponseParser, _ piece: [UInt8]) throws(HTTPResponseFault) {
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
        defer { input.deallocate() }
        input.copyBytes(from: piece)
        try parser.consume(UnsafeRawBufferPointer(input))
    }
}
