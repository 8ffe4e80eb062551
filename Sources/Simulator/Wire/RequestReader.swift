import HTTP

/// Requests out of what a client wrote: heads, then bodies by `Content-Length` or in chunks (RFC 9112 §§ 2, 6, 7).
///
/// The simulator reads for itself, because it must also answer in ways that no sane server would.
struct RequestReader {
    enum Reading {
        case incomplete
        case request(HTTPRequest, keepsAlive: Bool)
        case malformed
    }

    /// Larger than any media upload that a test would make.
    private static let limit = 144 * 1024 * 1024

    private let peer: String
    private var input: [UInt8] = []
    private var searched = 0

    init(peer: String) { self.peer = peer }

    mutating func append(_ bytes: UnsafeRawBufferPointer) { input.append(contentsOf: bytes) }

    mutating func next() -> Reading {
        guard input.count <= Self.limit else { return .malformed }
        guard let headEnd = endOfHead() else { return .incomplete }
        var lines = String(decoding: input[..<headEnd], as: UTF8.self).split(separator: "\r\n").makeIterator()
        let start = (lines.next() ?? "").split(separator: " ")
        guard start.count == 3, let method = HTTPMethod(rawValue: String(start[0])), start[2].hasPrefix("HTTP/1.")
        else { return .malformed }
        var fields = HTTPFields()
        while let line = lines.next() {
            guard let colon = line.firstIndex(of: ":") else { return .malformed }
            fields.append(String(line[..<colon]), String(line[line.index(after: colon)...]))
        }
        let bodyStart = headEnd + 4
        let body: [UInt8]
        let end: Int
        if fields["Transfer-Encoding"]?.lowercased() == "chunked" {
            switch Self.chunked(input, from: bodyStart) {
            case .incomplete: return .incomplete
            case .malformed: return .malformed
            case .whole(let octets, let after): (body, end) = (octets, after)
            }
        } else {
            guard let length = Int(fields["Content-Length"] ?? "0"), (0...Self.limit).contains(length) else {
                return .malformed
            }
            end = bodyStart + length
            guard input.count >= end else { return .incomplete }
            body = Array(input[bodyStart..<end])
        }
        input.removeFirst(end)
        searched = 0
        let connection = fields["Connection"]?.lowercased()
        let keepsAlive = start[2] == "HTTP/1.0" ? connection == "keep-alive" : connection != "close"
        let request = HTTPRequest(method: method, target: String(start[1]), fields: fields, body: body, peer: peer)
        return .request(request, keepsAlive: keepsAlive)
    }

    private mutating func endOfHead() -> Int? {
        let found = Self.find([13, 10, 13, 10], in: input, from: searched)
        searched = max(0, input.count - 3)
        if let found { searched = found }
        return found
    }

    private enum Chunks {
        case incomplete, malformed
        case whole([UInt8], end: Int)
    }

    private static func chunked(_ input: [UInt8], from start: Int) -> Chunks {
        var body: [UInt8] = []
        var position = start
        while true {
            guard let lineEnd = find([13, 10], in: input, from: position) else { return .incomplete }
            let size = String(decoding: input[position..<lineEnd], as: UTF8.self).prefix { $0 != ";" }
            guard let count = Int(size, radix: 16), (0...limit).contains(count) else { return .malformed }
            position = lineEnd + 2
            guard count > 0 else { break }
            guard input.count >= position + count + 2 else { return .incomplete }
            body.append(contentsOf: input[position..<position + count])
            position += count + 2
        }
        // Trailers say nothing here; the empty line after them ends the body.
        while true {
            guard let lineEnd = find([13, 10], in: input, from: position) else { return .incomplete }
            defer { position = lineEnd + 2 }
            if lineEnd == position { return .whole(body, end: lineEnd + 2) }
        }
    }

    private static func find(_ pattern: [UInt8], in octets: [UInt8], from start: Int) -> Int? {
        guard octets.count >= start + pattern.count else { return nil }
        return (start...octets.count - pattern.count).first { position in
            octets[position] == pattern[0] && octets[position..<position + pattern.count].elementsEqual(pattern)
        }
    }
}
