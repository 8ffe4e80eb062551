/// `method SP request-target SP HTTP-version` (RFC 9112 § 3), taken apart.
struct RequestLine: Sendable {
    let method: HTTPMethod
    let target: String
    let path: String
    let query: String?
    /// Host and port of an absolute-form target.
    let authority: String?
    let minorVersion: Int

    init(_ input: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) throws(HTTPServerFault) {
        // Exactly two spaces: § 3 lets a server be lenient here and names the lenience a risk.
        guard let methodEnd = line.first(where: { input[$0] == .space }) else {
            throw .badRequest(.requestLine)
        }
        let targetStart = methodEnd + 1
        var targetEnd = targetStart
        while targetEnd < line.upperBound, input[targetEnd] != .space { targetEnd += 1 }
        guard targetEnd > targetStart, targetEnd < line.upperBound else { throw .badRequest(.requestLine) }

        let methodRange = line.lowerBound..<methodEnd
        let known = Self.knownMethod(input, methodRange)
        guard known != nil || UnsafeBufferPointer(rebasing: input[methodRange]).isToken else {
            throw .badRequest(.method)
        }
        let minorVersion = try Self.minorVersion(input, (targetEnd + 1)..<line.upperBound)
        guard let known else {
            // No tunnels here; but a target that no CONNECT can have is the sender's fault (§ 3.2.3).
            guard !matches(input, methodRange, "CONNECT") || isHostAndPort(input, targetStart..<targetEnd) else {
                throw .badRequest(.target)
            }
            throw .methodNotImplemented
        }
        let parts = try RequestTarget(input, targetStart..<targetEnd, method: known)
        // Nothing is set before nothing can fail any more: what is half made costs a copy.
        method = known
        self.minorVersion = minorVersion
        target = text(input, targetStart..<targetEnd)
        authority = parts.authority.map { text(input, $0) }
        let wholeIsPath = parts.path.count == targetEnd - targetStart
        path = parts.path.isEmpty ? "/" : wholeIsPath ? target : text(input, parts.path)
        query = parts.query.map { text(input, $0) }
    }

    /// RFC 9112 § 2.3; what claims to be 1.2 or later is served as 1.1.
    private static func minorVersion(
        _ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) throws(HTTPServerFault) -> Int {
        let start = range.lowerBound
        if matches(input, range, "HTTP/1.1") { return 1 }
        guard range.count == 8, matches(input, start..<(start + 5), "HTTP/"), input[start + 5].isDigit,
            input[start + 6] == UInt8(ascii: "."), input[start + 7].isDigit
        else { throw .badRequest(.version) }
        guard input[start + 5] == UInt8(ascii: "1") else { throw .versionNotSupported }
        return input[start + 7] == UInt8(ascii: "0") ? 0 : 1
    }

    private static func knownMethod(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> HTTPMethod? {
        switch range.count {
        case 3: matches(input, range, "GET") ? .get : matches(input, range, "PUT") ? .put : nil
        case 4: matches(input, range, "POST") ? .post : matches(input, range, "HEAD") ? .head : nil
        case 5:
            matches(input, range, "PATCH")
                ? .patch : matches(input, range, "TRACE") ? .trace : matches(input, range, "QUERY") ? .query : nil
        case 6: matches(input, range, "DELETE") ? .delete : nil
        case 7: matches(input, range, "OPTIONS") ? .options : nil
        default: nil
        }
    }
}

/// The forms that a target can take (RFC 9112 § 3.2), by their places in the input.
private struct RequestTarget {
    /// Empty for an absolute-form without a path.
    var path: Range<Int>
    var query: Range<Int>?
    var authority: Range<Int>?

    init(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, method: HTTPMethod) throws(HTTPServerFault) {
        guard range.allSatisfy({ input[$0].isTargetOctet }) else { throw .badRequest(.target) }
        var start = range.lowerBound
        if input[start] == UInt8(ascii: "*") {
            guard range.count == 1, method == .options else { throw .badRequest(.target) }
            path = range
            return
        }
        if input[start] != UInt8(ascii: "/") {
            let authority = try Self.authority(input, range)
            self.authority = authority
            start = authority.upperBound
        }
        let question = (start..<range.upperBound).first { input[$0] == UInt8(ascii: "?") }
        path = start..<(question ?? range.upperBound)
        query = question.map { ($0 + 1)..<range.upperBound }
    }

    /// § 3.2.2 wants absolute-form accepted of any client, not of proxies alone.
    private static func authority(
        _ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) throws(HTTPServerFault) -> Range<Int> {
        let start: Int
        if matches(input, range.prefix(7), ignoringCaseOf: "http://") {
            start = range.lowerBound + 7
        } else if matches(input, range.prefix(8), ignoringCaseOf: "https://") {
            start = range.lowerBound + 8
        } else {
            throw .badRequest(.target)
        }
        let end =
            (start..<range.upperBound).first {
                input[$0] == UInt8(ascii: "/") || input[$0] == UInt8(ascii: "?")
            } ?? range.upperBound
        guard isHost(input, start..<end) else { throw .badRequest(.target) }
        return start..<end
    }
}
