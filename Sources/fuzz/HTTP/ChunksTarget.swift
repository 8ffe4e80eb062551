@testable import HTTP

extension FuzzTarget {
    /// Both decoders of the chunked coding, the server's and the client's: neither minds how its input is cut, what both
    /// accept they read alike, and they read what is written.
    static let chunks = FuzzTarget(
        name: "chunks",
        seeds: [
            "5\r\nhello\r\n0\r\n\r\n",
            "1;a=\"b\\\"\"\r\nx\r\nA \r\n0123456789\r\n000 ;z\r\nDigest: a b\r\nE:\r\n\r\nrest",
            "00000000000000f\r\n0123456789abcde\r\n0\r\n\r\n", "1\r\nxy\r\n", "1\nx\n0\n\n", "0\r\n A: b\r\n\r\n",
        ],
        words: [
            "\r\n", "0\r\n\r\n", "\r\n0\r\n\r\n", ";", "=\"\"", "fffffffffffffff", "7fffffffffffffff",
            "FFFFFFFFFFFFFFFF", "10000000000000000", "Content-Length: 1\r\n",
        ]
    ) { input in
        let limit = input.one(of: [0, 3, 64, 1 << 20])
        let octets = input.stretched()
        let pieces = input.pieces(octets)
        let byServer = ServerChunks([octets[...]], limit: limit)
        let byClient = ClientChunks([octets[...]], limit: limit)
        let serverInParts = ServerChunks(pieces, limit: limit)
        let clientInParts = ClientChunks(pieces, limit: limit)
        claim(serverInParts == byServer, "\(serverInParts) in pieces, \(byServer) as a whole")
        claim(clientInParts == byClient, "\(clientInParts) in pieces, \(byClient) as a whole")
        claim(byServer.body.count <= limit && byClient.body.count <= limit, "more than \(limit) octets")
        if byServer.end == .whole, byClient.end == .whole {
            claim(byServer.body == byClient.body, "server and client read two bodies")
            claim(byServer.used == byClient.used, "the body ends at \(byServer.used) or at \(byClient.used)")
        }

        let body = input.material
        let written = write(input.pieces(body))
        let splitAnew = input.pieces(written)
        for (body, end) in [
            (ServerChunks(splitAnew, limit: body.count).body, ServerChunks(splitAnew, limit: body.count).end),
            (ClientChunks(splitAnew, limit: body.count).body, ClientChunks(splitAnew, limit: body.count).end),
        ] { claim(body == input.material && end == .whole, "what was written comes back otherwise: \(end)") }
    }

    private static func write(_ pieces: [ArraySlice<UInt8>]) -> [UInt8] {
        var written: [UInt8] = []
        for piece in pieces where !piece.isEmpty {
            written += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
        }
        return written + Array("0\r\n\r\n".utf8)
    }
}

/// How a body in chunks ended.
private enum ChunksEnd: Hashable {
    case whole
    case cut
    case refused(String)
}

/// What the server's parser makes of a body in chunks.
private struct ServerChunks: Hashable {
    private static let head = Array("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)

    var body: [UInt8] = []
    var end = ChunksEnd.cut
    /// Octets that belong to the body; counted only if it is whole.
    var used = 0

    init(_ pieces: [ArraySlice<UInt8>], limit: Int) {
        var parser = RequestParser(limits: RequestLimits(HTTPServerConfiguration()), peer: "192.0.2.1")
        var unread: [UInt8] = []
        for piece in [Self.head[...]] + pieces where end == .cut {
            unread += piece
            let taken = unread.withUnsafeBufferPointer { feed(&parser, $0, limit) }
            unread.removeFirst(taken)
            used += taken
        }
        used = end == .whole ? used - Self.head.count : 0
    }

    private mutating func feed(_ parser: inout RequestParser, _ input: UnsafeBufferPointer<UInt8>, _ limit: Int) -> Int
    {
        var offset = 0
        while end == .cut {
            let rest = UnsafeBufferPointer(rebasing: input[offset...])
            let (event, taken) = parser.next(in: rest)
            offset += taken
            switch event {
            case .needsMore: return offset
            case .head: parser.bodyLimit = limit
            case .body(let range): body += rest[range]
            case .end: end = .whole
            case .fault(let fault): end = .refused(fault.code)
            }
        }
        return offset
    }
}

/// What the client's decoder makes of it.
private struct ClientChunks: Hashable {
    var body: [UInt8] = []
    var end = ChunksEnd.cut
    var used = 0

    init(_ pieces: [ArraySlice<UInt8>], limit: Int) {
        var chunks = HTTPResponseChunks()
        for piece in pieces where end == .cut {
            do throws(HTTPResponseFault) {
                used += try feed(&chunks, Array(piece), limit)
                if chunks.isDone { end = .whole }
            } catch {
                end = .refused(error.rawValue)
            }
        }
        if end != .whole { used = 0 }
        // What came before an excess is of no use to anyone.
        if case .refused = end { body = [] }
    }

    private mutating func feed(
        _ chunks: inout HTTPResponseChunks, _ piece: [UInt8], _ limit: Int
    ) throws(HTTPResponseFault) -> Int {
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
        defer { input.deallocate() }
        input.copyBytes(from: piece)
        return try chunks.consume(UnsafeRawBufferPointer(input), into: &body, limit: limit)
    }
}
