import EventLoop

@testable import HTTP

/// Everything a parser said about one stream of octets.
struct ParserTrace: Hashable {
    enum Entry: Hashable {
        case head(HTTPRequestHead)
        /// The pieces of one body, joined.
        case body([UInt8])
        case end
        case fault(HTTPServerFault)
    }

    var entries: [Entry] = []

    var heads: [HTTPRequestHead] {
        entries.compactMap { if case .head(let head) = $0 { head } else { nil } }
    }

    var bodies: [String] {
        entries.compactMap { if case .body(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { nil } }
    }

    var fault: HTTPServerFault? {
        if case .fault(let fault)? = entries.last { fault } else { nil }
    }

    var ends: Int { entries.count { $0 == .end } }

    /// Feeds the pieces one after the other, as a connection would.
    init(
        feeding pieces: [ArraySlice<UInt8>], bodyLimit: Int = 1 << 20,
        configuration: HTTPServerConfiguration = HTTPServerConfiguration()
    ) {
        var parser = RequestParser(limits: RequestLimits(configuration), peer: "192.0.2.1")
        var unread: [UInt8] = []
        for piece in pieces {
            unread.append(contentsOf: piece)
            let consumed = unread.withUnsafeBufferPointer { feed(&parser, $0, bodyLimit: bodyLimit) }
            unread.removeFirst(consumed)
        }
    }

    init(_ text: String, configuration: HTTPServerConfiguration = HTTPServerConfiguration()) {
        self.init(feeding: [Array(text.utf8)[...]], configuration: configuration)
    }

    private mutating func feed(
        _ parser: inout RequestParser, _ input: UnsafeBufferPointer<UInt8>, bodyLimit: Int
    ) -> Int {
        var offset = 0
        while true {
            let rest = UnsafeBufferPointer(rebasing: input[offset...])
            let (event, consumed) = parser.next(in: rest)
            offset += consumed
            switch event {
            case .needsMore: return offset
            case .head:
                parser.bodyLimit = bodyLimit
                if let head = parser.takeHead() { entries.append(.head(head)) }
            case .body(let range): append(body: Array(rest[range]))
            case .end: entries.append(.end)
            case .fault(let fault): entries.append(.fault(fault))
            }
        }
    }

    private mutating func append(body: [UInt8]) {
        if case .body(let before)? = entries.last {
            entries[entries.count - 1] = .body(before + body)
        } else {
            entries.append(.body(body))
        }
    }
}
