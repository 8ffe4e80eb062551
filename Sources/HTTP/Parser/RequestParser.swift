/// HTTP/1.x requests out of a stream of octets (RFC 9112): a value that is shown the unread input and says what
/// it found and how much of it is used up. How the input is split changes nothing in what comes out.
///
/// Where the RFC leaves a choice, the strict one is taken, and whatever could be framed in two ways is refused: a proxy
/// before this server may have taken the other way.
struct RequestParser: Sendable {
    enum Event {
        /// Nothing more can be told until the input has grown.
        case needsMore
        /// It lies in `head`; `bodyLimit` may be set before the next call.
        case head
        /// A piece of the body, by its place in the input.
        case body(Range<Int>)
        case end
        /// No request can follow on this connection.
        case fault(HTTPServerFault)
    }

    private enum State {
        /// → `fields`
        case requestLine
        /// → `sizedBody`, `chunkSize` or `end`
        case fields
        /// With the octets still to come → `end`
        case sizedBody(Int)
        /// → `chunkData` or `trailers`
        case chunkSize
        /// With the octets still to come → `chunkEnd`
        case chunkData(Int)
        /// → `chunkSize`
        case chunkEnd
        /// → `end`
        case trailers
        /// → `requestLine`
        case end
        case failed
    }

    /// RFC 9112 § 2.2 asks to skip at least one empty line before a request line.
    private static let blankLinesSkipped = 2

    /// The largest body; a longer one is refused as soon as its length, or the length of its chunk, is known.
    var bodyLimit = 0

    /// Of the request that is being read.
    private(set) var head: HTTPRequestHead?

    private let limits: RequestLimits
    private let peer: String
    private var state = State.requestLine
    /// Start of the line or construct that is looked at, in the input of the next call.
    private var cursor = 0
    /// Up to here there is no line feed after `cursor`.
    private var scanned = 0
    private var blankLines = 0
    private var line: RequestLine?
    private var framing = RequestFraming()
    private var slots: [HTTPFields.Slot] = []
    private var fieldsStart = 0
    private var bodyCount = 0
    private var extensionsCount = 0
    private var trailersCount = 0
    private var trailerLines = 0

    init(limits: RequestLimits, peer: String) {
        self.limits = limits
        self.peer = peer
    }

    /// Between two requests, with nothing read of the next.
    var isBetweenRequests: Bool {
        if case .requestLine = state { return true }
        return false
    }

    /// Handed over in place of copied: it holds seven references.
    mutating func takeHead() -> HTTPRequestHead? { head.take() }

    /// - Parameter input: all octets that earlier calls did not consume, and what came since.
    mutating func next(in input: UnsafeBufferPointer<UInt8>) -> (event: Event, consumed: Int) {
        do throws(HTTPServerFault) {
            return try advance(input)
        } catch {
            state = .failed
            return (.fault(error), input.count)
        }
    }

    private mutating func advance(_ input: UnsafeBufferPointer<UInt8>) throws(HTTPServerFault) -> (Event, Int) {
        while true {
            switch state {
            case .requestLine:
                guard try readRequestLine(input) else { return (.needsMore, release(cursor)) }
            case .fields:
                guard try readFields(input) else { return (.needsMore, 0) }
                return (.head, release(cursor))
            case .sizedBody(let left):
                return takeBody(input, left: left) { $0 > 0 ? .sizedBody($0) : .end }
            case .chunkSize:
                guard try readChunkSize(input) else { return (.needsMore, release(cursor)) }
            case .chunkData(let left):
                return takeBody(input, left: left) { $0 > 0 ? .chunkData($0) : .chunkEnd }
            case .chunkEnd:
                guard try readChunkEnd(input) else { return (.needsMore, release(cursor)) }
            case .trailers:
                guard try readTrailers(input) else { return (.needsMore, release(cursor)) }
            case .end:
                reset()
                return (.end, release(cursor))
            case .failed:
                return (.needsMore, input.count)
            }
        }
    }

    /// Moves the origin of all positions on by what the caller drops.
    private mutating func release(_ consumed: Int) -> Int {
        cursor -= consumed
        scanned = max(0, scanned - consumed)
        return consumed
    }

    private mutating func reset() {
        state = .requestLine
        blankLines = 0
        framing = RequestFraming()
        bodyCount = 0
        extensionsCount = 0
        trailersCount = 0
        trailerLines = 0
    }
}

// MARK: Lines

extension RequestParser {
    /// The line at the cursor without its CRLF, once it is whole; the cursor then stands behind it.
    private mutating func takeLine(
        _ input: UnsafeBufferPointer<UInt8>, limit: Int, over fault: @autoclosure () -> HTTPServerFault
    ) throws(HTTPServerFault) -> Range<Int>? {
        let end = firstLineFeed(input, from: max(scanned, cursor))
        scanned = end
        // One more than the limit, because the last octet may be the CR. Judged before all else, so that a line that
        // is too long is that however much of it has come.
        guard end - cursor <= limit + 1 else { throw fault() }
        guard end < input.count else { return nil }
        guard end > cursor, input[end - 1] == .carriageReturn else { throw .badRequest(.lineEnding) }
        let line = cursor..<(end - 1)
        cursor = end + 1
        scanned = cursor
        return line
    }

    private mutating func readRequestLine(_ input: UnsafeBufferPointer<UInt8>) throws(HTTPServerFault) -> Bool {
        while cursor < input.count {
            // A TLS handshake or other noise need not be waited for to its first line feed.
            let first = input[cursor]
            guard first.isTokenCharacter || first == .carriageReturn || first == .lineFeed else {
                throw .badRequest(.method)
            }
            let (start, limit) = (cursor, limits.requestLine)
            guard
                let range = try takeLine(input, limit: limit, over: Self.tooLong(input, from: start, limit: limit))
            else { return false }
            guard range.isEmpty else {
                line = try RequestLine(input, range)
                framing.minorVersion = line?.minorVersion ?? 1
                state = .fields
                fieldsStart = cursor
                // What came before the fields is done with, but their positions count from the line's end.
                slots.reserveCapacity(8)
                return true
            }
            blankLines += 1
            guard blankLines <= Self.blankLinesSkipped else { throw .badRequest(.requestLine) }
        }
        return false
    }

    /// A line in which no target has begun has none that is too long (RFC 9112 § 3): what stands there is no method.
    private static func tooLong(
        _ input: UnsafeBufferPointer<UInt8>, from start: Int, limit: Int
    ) -> HTTPServerFault {
        input[start..<(start + limit)].contains(.space) ? .uriTooLong(limit: limit) : .badRequest(.method)
    }

    private mutating func readFields(_ input: UnsafeBufferPointer<UInt8>) throws(HTTPServerFault) -> Bool {
        while true {
            let left = limits.fieldsTotal - (cursor - fieldsStart)
            guard let range = try takeLine(input, limit: min(limits.fieldLine, left), over: .fieldsTooLarge) else {
                return false
            }
            guard !range.isEmpty else {
                try finishHead(input, fieldsEnd: range.lowerBound)
                return true
            }
            guard slots.count < limits.fieldCount else { throw .fieldsTooLarge }
            let field = try FieldLine(input, range)
            try framing.note(field, input)
            slots.append(field.slot(from: fieldsStart))
        }
    }

    private mutating func finishHead(
        _ input: UnsafeBufferPointer<UInt8>, fieldsEnd: Int
    ) throws(HTTPServerFault) {
        guard let line = line.take() else { throw .badRequest(.requestLine) }
        let bodyLength = try framing.bodyLength()
        var fields = HTTPFields(
            octets: Array(UnsafeBufferPointer(rebasing: input[fieldsStart..<fieldsEnd])), slots: slots)
        slots = []
        // RFC 9112 § 3.2.2: the host of an absolute-form target stands in for whatever Host said.
        if let authority = line.authority { fields["Host"] = authority }
        switch bodyLength {
        case .none: state = .end
        case .known(let count): state = .sizedBody(count)
        case .chunked: state = .chunkSize
        }
        head = HTTPRequestHead(
            method: line.method, target: line.target, path: line.path, query: line.query, fields: fields, peer: peer,
            expectsContinue: framing.expectsContinue && bodyLength != .none, bodyLength: bodyLength,
            keepsAlive: framing.keepsAlive, minorVersion: line.minorVersion)
    }
}

// MARK: Bodies

extension RequestParser {
    private mutating func takeBody(
        _ input: UnsafeBufferPointer<UInt8>, left: Int, then state: (Int) -> State
    ) -> (Event, Int) {
        let count = min(left, input.count - cursor)
        guard count > 0 else { return (.needsMore, release(cursor)) }
        let range = cursor..<(cursor + count)
        cursor = range.upperBound
        self.state = state(left - count)
        return (.body(range), release(cursor))
    }

    private mutating func readChunkSize(_ input: UnsafeBufferPointer<UInt8>) throws(HTTPServerFault) -> Bool {
        let limit = ChunkHeader.sizeDigits + limits.chunkExtensions - extensionsCount
        guard let range = try takeLine(input, limit: limit, over: .badRequest(.chunkExtension)) else { return false }
        let header = try ChunkHeader(input, range)
        extensionsCount += header.extensionsCount
        guard extensionsCount <= limits.chunkExtensions else { throw .badRequest(.chunkExtension) }
        guard header.size <= UInt64(max(0, bodyLimit - bodyCount)) else { throw .contentTooLarge(limit: bodyLimit) }
        bodyCount += Int(header.size)
        state = header.size > 0 ? .chunkData(Int(header.size)) : .trailers
        return true
    }

    private mutating func readChunkEnd(_ input: UnsafeBufferPointer<UInt8>) throws(HTTPServerFault) -> Bool {
        // Judged octet by octet: data that runs on past its size must not wait for a line feed.
        if cursor < input.count, input[cursor] != .carriageReturn { throw .badRequest(.chunkEnding) }
        guard cursor + 1 < input.count else { return false }
        guard input[cursor + 1] == .lineFeed else { throw .badRequest(.chunkEnding) }
        cursor += 2
        scanned = cursor
        state = .chunkSize
        return true
    }

    /// Trailers are checked and dropped: nothing here has a use for them, and merged into the head they would be a way
    /// around its checks (RFC 9110 § 6.5.1).
    private mutating func readTrailers(_ input: UnsafeBufferPointer<UInt8>) throws(HTTPServerFault) -> Bool {
        while true {
            let left = limits.fieldsTotal - trailersCount
            let start = cursor
            guard let range = try takeLine(input, limit: min(limits.fieldLine, left), over: .fieldsTooLarge) else {
                return false
            }
            guard !range.isEmpty else {
                state = .end
                return true
            }
            guard trailerLines < limits.fieldCount else { throw .fieldsTooLarge }
            trailerLines += 1
            trailersCount += cursor - start
            let field = try FieldLine(input, range)
            guard !field.isForbiddenInTrailers(input) else { throw .badRequest(.trailer) }
        }
    }
}
