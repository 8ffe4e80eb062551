/// Status line and fields, line by line as their bytes come (RFC 9112 § 4, § 5).
struct HTTPResponseHeadReader: Sendable {
    /// Status line and fields together, in bytes.
    static let limit = 32 * 1024
    static let fieldLimit = 100

    private var octets: [UInt8] = []
    private var slots: [HTTPFields.Slot] = []
    private var lineStart = 0
    private var scanned = 0
    private var status = 0
    private var minorVersion = 1

    var isEmpty: Bool { octets.isEmpty }

    /// The head once its empty line is there, with how many bytes of `input` were its own.
    mutating func consume(
        _ input: UnsafeRawBufferPointer
    ) throws(HTTPResponseFault) -> (head: HTTPResponseHead, consumed: Int)? {
        let before = octets.count
        octets.append(contentsOf: input)
        while scanned < octets.count {
            defer { scanned += 1 }
            // Judged before all else, so that a head that is too long is that however much of it has come.
            guard scanned < Self.limit else { throw .headTooLarge }
            guard octets[scanned] == .lineFeed else { continue }
            guard scanned > lineStart, octets[scanned - 1] == .carriageReturn else { throw .lineEnding }
            let line = lineStart..<scanned - 1
            lineStart = scanned + 1
            if status == 0 {
                try statusLine(line)
            } else if line.isEmpty {
                let consumed = scanned + 1 - before
                octets.removeLast(octets.count - scanned - 1)
                let fields = HTTPFields(octets: octets, slots: slots)
                return (HTTPResponseHead(status: status, minorVersion: minorVersion, fields: fields), consumed)
            } else {
                try fieldLine(line)
            }
        }
        return nil
    }

    /// `HTTP/1.1 200 OK`. The blank before an empty reason is asked for by the RFC and left out by real servers.
    private mutating func statusLine(_ line: Range<Int>) throws(HTTPResponseFault) {
        let text = octets[line]
        guard text.count >= 12, text.starts(with: "HTTP/".utf8) else { throw .statusLine }
        let start = line.lowerBound
        guard octets[start + 5].isDigit, octets[start + 6] == UInt8(ascii: "."), octets[start + 7].isDigit else {
            throw .statusLine
        }
        guard octets[start + 5] == UInt8(ascii: "1") else { throw .version }
        let digits = octets[start + 9..<start + 12]
        guard octets[start + 8] == .space, digits.allSatisfy(\.isDigit) else { throw .statusLine }
        guard text.count == 12 || octets[start + 12] == .space else { throw .statusLine }
        guard octets[min(start + 12, line.upperBound)..<line.upperBound].allSatisfy(\.isFieldValueOctet) else {
            throw .statusLine
        }
        status = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard (100...599).contains(status) else { throw .statusLine }
        minorVersion = octets[start + 7] == UInt8(ascii: "0") ? 0 : 1
    }

    private mutating func fieldLine(_ line: Range<Int>) throws(HTTPResponseFault) {
        guard slots.count < Self.fieldLimit else { throw .headTooLarge }
        guard octets[line.lowerBound] != .space, octets[line.lowerBound] != .tab else { throw .foldedField }
        var nameEnd = line.lowerBound
        while nameEnd < line.upperBound, octets[nameEnd].isTokenCharacter { nameEnd += 1 }
        guard nameEnd > line.lowerBound, nameEnd < line.upperBound, octets[nameEnd] == UInt8(ascii: ":") else {
            throw .fieldName
        }
        var start = nameEnd + 1
        var end = line.upperBound
        guard octets.withUnsafeBufferPointer({ UnsafeBufferPointer(rebasing: $0[start..<end]).isFieldValue }) else {
            throw .fieldValue
        }
        while start < end, octets[start] == .space || octets[start] == .tab { start += 1 }
        while start < end, octets[end - 1] == .space || octets[end - 1] == .tab { end -= 1 }
        slots.append(
            HTTPFields.Slot(
                nameStart: UInt32(line.lowerBound), nameEnd: UInt32(nameEnd), valueStart: UInt32(start),
                valueEnd: UInt32(end)))
    }
}

/// What is known of a response before its body.
struct HTTPResponseHead: Sendable {
    /// How the end of the body is told (RFC 9112 § 6.3).
    enum BodyLength: Sendable, Hashable {
        case known(Int)
        case chunked
        case untilClose
    }

    let status: Int
    let minorVersion: Int
    let fields: HTTPFields

    /// RFC 9112 § 9.3: 1.1 stays open unless told, 1.0 closes unless told.
    var keepsAlive: Bool {
        guard fields.contains("Connection") else { return minorVersion == 1 }
        let options = list("Connection")
        if options.contains(where: { $0.equalsIgnoringCase("close") }) { return false }
        return minorVersion == 1 || options.contains { $0.equalsIgnoringCase("keep-alive") }
    }

    var keepAliveSeconds: Int? {
        guard fields.contains("Keep-Alive") else { return nil }
        for parameter in list("Keep-Alive") {
            let parts = parameter.split(separator: "=", maxSplits: 1).map(trimmed)
            if parts.count == 2, parts[0].equalsIgnoringCase("timeout") { return Int(parts[1]) }
        }
        return nil
    }

    func bodyLength(toHEAD: Bool) throws(HTTPResponseFault) -> BodyLength {
        let lengths = list("Content-Length")
        let codings = list("Transfer-Encoding")
        // Judged before the statuses without a body, so that a lie is told whatever the status.
        guard lengths.isEmpty || codings.isEmpty else { throw .contentLengthWithTransferEncoding }
        let length = try contentLength(lengths)
        if !codings.isEmpty {
            guard minorVersion == 1, codings.count == 1, codings[0].equalsIgnoringCase("chunked") else {
                throw .transferEncoding
            }
        }
        if toHEAD || status == 204 || status == 304 { return .known(0) }
        if !codings.isEmpty { return .chunked }
        return length.map { .known($0) } ?? .untilClose
    }

    /// Repeated equal values count as one (RFC 9112 § 6.3, item 5).
    private func contentLength(_ values: [String]) throws(HTTPResponseFault) -> Int? {
        guard fields.contains("Content-Length") else { return nil }
        guard let first = values.first, !first.isEmpty, first.utf8.allSatisfy(\.isDigit), let length = Int(first)
        else { throw .contentLength }
        guard values.allSatisfy({ $0 == first }) else { throw .contentLengthConflict }
        return length
    }

    private func list(_ name: String) -> [String] {
        let values = fields.all(name)
        // Most are no lists at all, and a field's value has no blanks around it.
        guard values.contains(where: { $0.utf8.contains(UInt8(ascii: ",")) }) else { return values }
        return values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map(trimmed)
    }

    private func trimmed(_ text: Substring) -> String {
        var octets = text.utf8
        while let first = octets.first, first == .space || first == .tab { octets.removeFirst() }
        while let last = octets.last, last == .space || last == .tab { octets.removeLast() }
        return String(Substring(octets))
    }
}
