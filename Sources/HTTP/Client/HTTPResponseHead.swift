/// Status line and fields, line by line as their bytes come (RFC 9112 § 4, § 5).
struct HTTPResponseHeadReader: Sendable {
    /// Status line and fields together, in bytes.
    static let limit = 32 * 1024
    static let fieldLimit = 100

    /// What came before, as long as the head is not whole.
    private var octets: [UInt8] = []
    private var slots: [HTTPFields.Slot] = []
    private var framing = HTTPResponseFraming()
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
        // Most heads come in one piece, and are read where they lie.
        guard before > 0 else {
            guard let end = try scan(input.assumingMemoryBound(to: UInt8.self)) else {
                octets = Array(input)
                return nil
            }
            return (head(Array(UnsafeRawBufferPointer(rebasing: input[..<end]))), end)
        }
        var all: [UInt8] = []
        swap(&all, &octets)
        all.append(contentsOf: input)
        let found = try all.withUnsafeBufferPointer { (all) throws(HTTPResponseFault) in try scan(all) }
        guard let end = found else {
            octets = all
            return nil
        }
        all.removeSubrange(end...)
        return (head(all), end - before)
    }

    private func head(_ octets: [UInt8]) -> HTTPResponseHead {
        HTTPResponseHead(
            status: status, minorVersion: minorVersion, fields: HTTPFields(octets: octets, slots: slots),
            framing: framing)
    }

    /// Goes on where it stopped; returns where the head ends.
    private mutating func scan(_ octets: UnsafeBufferPointer<UInt8>) throws(HTTPResponseFault) -> Int? {
        while true {
            let lineFeed = firstLineFeed(octets, from: scanned)
            // Judged before all else, so that a head that is too long is that however much of it has come.
            guard min(lineFeed, octets.count - 1) < Self.limit else { throw .headTooLarge }
            scanned = lineFeed
            guard lineFeed < octets.count else { return nil }
            scanned += 1
            guard lineFeed > lineStart, octets[lineFeed - 1] == .carriageReturn else { throw .lineEnding }
            let line = lineStart..<lineFeed - 1
            lineStart = scanned
            if status == 0 {
                try statusLine(octets, line)
                // Enough for a usual answer.
                slots.reserveCapacity(12)
            } else if line.isEmpty {
                return scanned
            } else {
                try fieldLine(octets, line)
            }
        }
    }

    /// `HTTP/1.1 200 OK`. The blank before an empty reason is asked for by the RFC and left out by real servers.
    private mutating func statusLine(
        _ octets: UnsafeBufferPointer<UInt8>, _ line: Range<Int>
    ) throws(HTTPResponseFault) {
        let start = line.lowerBound
        guard line.count >= 12, HTTP.matches(octets, start..<start + 5, "HTTP/") else { throw .statusLine }
        guard octets[start + 5].isDigit, octets[start + 6] == UInt8(ascii: "."), octets[start + 7].isDigit else {
            throw .statusLine
        }
        guard octets[start + 5] == UInt8(ascii: "1") else { throw .version }
        guard octets[start + 8] == .space, octets[start + 9].isDigit, octets[start + 10].isDigit,
            octets[start + 11].isDigit
        else { throw .statusLine }
        guard line.count == 12 || octets[start + 12] == .space else { throw .statusLine }
        let reason = UnsafeBufferPointer(rebasing: octets[start + 12..<line.upperBound])
        guard reason.isFieldValue else { throw .statusLine }
        status = (start + 9..<start + 12).reduce(0) { $0 * 10 + Int(octets[$1] - UInt8(ascii: "0")) }
        guard (100...599).contains(status) else { throw .statusLine }
        minorVersion = octets[start + 7] == UInt8(ascii: "0") ? 0 : 1
    }

    private mutating func fieldLine(
        _ octets: UnsafeBufferPointer<UInt8>, _ line: Range<Int>
    ) throws(HTTPResponseFault) {
        guard slots.count < Self.fieldLimit else { throw .headTooLarge }
        guard octets[line.lowerBound] != .space, octets[line.lowerBound] != .tab else { throw .foldedField }
        var nameEnd = line.lowerBound
        while nameEnd < line.upperBound, octets[nameEnd].isTokenCharacter { nameEnd += 1 }
        guard nameEnd > line.lowerBound, nameEnd < line.upperBound, octets[nameEnd] == UInt8(ascii: ":") else {
            throw .fieldName
        }
        let text = nameEnd + 1..<line.upperBound
        guard UnsafeBufferPointer(rebasing: octets[text]).isFieldValue else { throw .fieldValue }
        let value = trimmed(octets, text)
        framing.note(octets, name: line.lowerBound..<nameEnd, slot: slots.count)
        slots.append(
            HTTPFields.Slot(
                nameStart: UInt32(line.lowerBound), nameEnd: UInt32(nameEnd), valueStart: UInt32(value.lowerBound),
                valueEnd: UInt32(value.upperBound)))
    }
}

/// Where the fields stand that say how a message ends and what comes after it: noted as they are read, because each
/// search for one that is not there looks at all.
struct HTTPResponseFraming: Sendable {
    enum Place: Sendable {
        case nowhere
        case once(Int)
        case repeated

        fileprivate mutating func note(_ slot: Int) {
            if case .nowhere = self { self = .once(slot) } else { self = .repeated }
        }
    }

    private(set) var connection = Place.nowhere
    private(set) var keepAlive = Place.nowhere
    private(set) var contentLength = Place.nowhere
    private(set) var transferEncoding = Place.nowhere

    fileprivate mutating func note(_ octets: UnsafeBufferPointer<UInt8>, name: Range<Int>, slot: Int) {
        switch name.count {
        case 10 where matches(octets, name, ignoringCaseOf: "connection"): connection.note(slot)
        case 10 where matches(octets, name, ignoringCaseOf: "keep-alive"): keepAlive.note(slot)
        case 14 where matches(octets, name, ignoringCaseOf: "content-length"): contentLength.note(slot)
        case 17 where matches(octets, name, ignoringCaseOf: "transfer-encoding"): transferEncoding.note(slot)
        default: break
        }
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
    let framing: HTTPResponseFraming

    /// RFC 9112 § 9.3: 1.1 stays open unless told, 1.0 closes unless told.
    var keepsAlive: Bool {
        switch framing.connection {
        case .nowhere: return minorVersion == 1
        case .once(let index) where fields.hasValue(fields.slots[index], ignoringCaseOf: "keep-alive"): return true
        case .once, .repeated: break
        }
        let options = list("Connection")
        if options.contains(where: { $0.equalsIgnoringCase("close") }) { return false }
        return minorVersion == 1 || options.contains { $0.equalsIgnoringCase("keep-alive") }
    }

    var keepAliveSeconds: Int? {
        if case .nowhere = framing.keepAlive { return nil }
        for parameter in list("Keep-Alive") {
            let parts = parameter.split(separator: "=", maxSplits: 1).map(withoutBlanks)
            if parts.count == 2, parts[0].equalsIgnoringCase("timeout") { return Int(parts[1]) }
        }
        return nil
    }

    func bodyLength(toHEAD: Bool) throws(HTTPResponseFault) -> BodyLength {
        if let length = plainLength { return toHEAD || status == 204 || status == 304 ? .known(0) : .known(length) }
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

    /// What nearly every answer has: one length, and no coding beside it. Nil: it must be looked at closely.
    private var plainLength: Int? {
        guard case .nowhere = framing.transferEncoding, case .once(let index) = framing.contentLength else {
            return nil
        }
        let slot = fields.slots[index]
        let count = slot.valueEnd - slot.valueStart
        // Eighteen digits do not overflow.
        guard count > 0, count <= 18 else { return nil }
        var length = 0
        for octet in fields.octets[Int(slot.valueStart)..<Int(slot.valueEnd)] {
            guard octet.isDigit else { return nil }
            length = length * 10 + Int(octet - UInt8(ascii: "0"))
        }
        return length
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
        return values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map(withoutBlanks)
    }

    private func withoutBlanks(_ text: Substring) -> String {
        var octets = text.utf8
        while let first = octets.first, first == .space || first == .tab { octets.removeFirst() }
        while let last = octets.last, last == .space || last == .tab { octets.removeLast() }
        return String(Substring(octets))
    }
}
