/// What the fields of one request say about its body and its connection (RFC 9112 § 3.2, § 6, § 9).
struct RequestFraming: Sendable {
    var minorVersion = 1
    private(set) var expectsContinue = false
    private var hasHost = false
    private var contentLength: Int?
    private var isChunked = false
    private var saysClose = false
    private var saysKeepAlive = false

    var keepsAlive: Bool { !saysClose && (minorVersion >= 1 || saysKeepAlive) }

    mutating func note(_ field: FieldLine, _ input: UnsafeBufferPointer<UInt8>) throws(HTTPServerFault) {
        let name = field.name
        switch name.count {
        case 4 where matches(input, name, ignoringCaseOf: "host"):
            guard !hasHost else { throw .badRequest(.hostRepeated) }
            guard isHost(input, field.value) else { throw .badRequest(.hostInvalid) }
            hasHost = true
        case 6 where matches(input, name, ignoringCaseOf: "expect"):
            guard matches(input, field.value, ignoringCaseOf: "100-continue") else { throw .expectationFailed }
            // RFC 9110 § 10.1.1: an HTTP/1.0 client cannot mean it.
            expectsContinue = minorVersion >= 1
        case 10 where matches(input, name, ignoringCaseOf: "connection"):
            for option in ListElements(input, field.value) {
                if matches(input, option, ignoringCaseOf: "close") { saysClose = true }
                if matches(input, option, ignoringCaseOf: "keep-alive") { saysKeepAlive = true }
            }
        case 14 where matches(input, name, ignoringCaseOf: "content-length"):
            guard contentLength == nil else { throw .badRequest(.contentLengthRepeated) }
            contentLength = try length(input, field.value)
        case 17 where matches(input, name, ignoringCaseOf: "transfer-encoding"):
            guard !isChunked else { throw .badRequest(.transferEncoding) }
            try noteCodings(input, field.value)
            isChunked = true
        default: break
        }
    }

    /// Judged when all fields are known.
    func bodyLength() throws(HTTPServerFault) -> HTTPRequestHead.BodyLength {
        guard hasHost || minorVersion == 0 else { throw .badRequest(.hostMissing) }
        guard isChunked else {
            guard let contentLength, contentLength > 0 else { return .none }
            return .known(contentLength)
        }
        // § 6.1 lets a server take the coding and ignore the length; whoever sent both means harm or is broken.
        guard contentLength == nil else { throw .badRequest(.contentLengthWithTransferEncoding) }
        guard minorVersion >= 1 else { throw .badRequest(.transferEncodingInHTTP10) }
        return .chunked
    }

    /// `1*DIGIT` (RFC 9110 § 8.6): no sign, no list, nothing beyond 18 digits.
    private func length(
        _ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) throws(HTTPServerFault) -> Int {
        guard !range.isEmpty, range.count <= 18, range.allSatisfy({ input[$0].isDigit }) else {
            throw .badRequest(.contentLength)
        }
        return range.reduce(0) { $0 * 10 + Int(input[$1] - 0x30) }
    }

    /// § 6.3: a request whose last coding is not `chunked` has no end that can be told; § 6.1: other codings before it
    /// are unknown here.
    private func noteCodings(
        _ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) throws(HTTPServerFault) {
        var others = 0
        var chunked = 0
        var endsInChunked = false
        for coding in ListElements(input, range) {
            // An empty element is one that some parsers skip and others do not.
            guard !coding.isEmpty else { throw .badRequest(.transferEncoding) }
            endsInChunked = matches(input, coding, ignoringCaseOf: "chunked")
            if endsInChunked { chunked += 1 } else { others += 1 }
        }
        guard endsInChunked, chunked == 1 else { throw .badRequest(.transferEncoding) }
        guard others == 0 else { throw .transferCodingNotImplemented }
    }
}

/// The elements of a comma-separated value (RFC 9110 § 5.6.1), trimmed; empty ones are elements too.
private struct ListElements: Sequence, IteratorProtocol {
    private let input: UnsafeBufferPointer<UInt8>
    private var rest: Range<Int>?

    init(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        self.input = input
        rest = range
    }

    mutating func next() -> Range<Int>? {
        guard let range = rest else { return nil }
        guard let comma = range.first(where: { input[$0] == UInt8(ascii: ",") }) else {
            rest = nil
            return trimmed(input, range)
        }
        rest = (comma + 1)..<range.upperBound
        return trimmed(input, range.lowerBound..<comma)
    }
}
