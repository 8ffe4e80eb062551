@testable import HTTP

/// Everything that the request parser said about one stream of octets.
struct RequestReading: Hashable {
    enum Entry: Hashable {
        case head(HTTPRequestHead)
        /// The pieces of one body, joined.
        case body([UInt8])
        case end
        case fault(HTTPServerFault)
    }

    private(set) var entries: [Entry] = []
    /// Octets that the parser has used up.
    private(set) var consumed = 0

    /// Feeds the pieces one after the other, as a connection does, and holds the parser to what each call may do.
    init(_ pieces: [ArraySlice<UInt8>], limits: RequestLimits, bodyLimit: Int) {
        var parser = RequestParser(limits: limits, peer: "192.0.2.1")
        var unread: [UInt8] = []
        for piece in pieces {
            unread.append(contentsOf: piece)
            let used = unread.withUnsafeBufferPointer { feed(&parser, $0, bodyLimit) }
            unread.removeFirst(used)
            consumed += used
        }
    }

    private mutating func feed(
        _ parser: inout RequestParser, _ input: UnsafeBufferPointer<UInt8>, _ bodyLimit: Int
    ) -> Int {
        var offset = 0
        while true {
            let rest = UnsafeBufferPointer(rebasing: input[offset...])
            let (event, used) = parser.next(in: rest)
            claim(used >= 0 && used <= rest.count, "\(used) of \(rest.count) octets are used up")
            offset += used
            if case .needsMore = event { return offset }
            if case .fault? = entries.last { claim(false, "something follows a fault: \(event)") }
            switch event {
            case .needsMore: break
            case .head:
                parser.bodyLimit = bodyLimit
                let head = parser.takeHead()
                claim(head != nil, "a head was told and there is none")
                if let head { entries.append(.head(head)) }
            case .body(let range):
                claim(!range.isEmpty && rest.indices.contains(range), "a body at \(range) of \(rest.count)")
                append(Array(rest[range]))
            case .end: entries.append(.end)
            case .fault(let fault): entries.append(.fault(fault))
            }
        }
    }

    private mutating func append(_ body: [UInt8]) {
        if case .body(let before)? = entries.last {
            entries[entries.count - 1] = .body(before + body)
        } else {
            entries.append(.body(body))
        }
    }
}
