/// `field-name ":" OWS field-value OWS` (RFC 9112 § 5), by its places in the input.
struct FieldLine {
    let name: Range<Int>
    let value: Range<Int>

    init(_ input: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) throws(HTTPServerFault) {
        // A line that begins with a blank continues the one before, or hides the first from some parser (§ 2.2, § 5.2).
        guard input[line.lowerBound] != .space, input[line.lowerBound] != .tab else {
            throw .badRequest(.foldedField)
        }
        var colon = line.lowerBound
        while colon < line.upperBound, input[colon].isTokenCharacter { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, input[colon] == UInt8(ascii: ":") else {
            throw .badRequest(.fieldName)
        }
        name = line.lowerBound..<colon
        value = trimmed(input, (colon + 1)..<line.upperBound)
        guard UnsafeBufferPointer(rebasing: input[value]).isFieldValue else { throw .badRequest(.fieldValue) }
    }

    func slot(from origin: Int) -> HTTPFields.Slot {
        HTTPFields.Slot(
            nameStart: UInt32(name.lowerBound - origin), nameEnd: UInt32(name.upperBound - origin),
            valueStart: UInt32(value.lowerBound - origin), valueEnd: UInt32(value.upperBound - origin))
    }

    /// Framing, routing and authentication cannot come after the body that they decide on (RFC 9110 § 6.5.1).
    func isForbiddenInTrailers(_ input: UnsafeBufferPointer<UInt8>) -> Bool {
        switch name.count {
        case 4: matches(input, name, ignoringCaseOf: "host")
        case 6: matches(input, name, ignoringCaseOf: "cookie") || matches(input, name, ignoringCaseOf: "expect")
        case 7: matches(input, name, ignoringCaseOf: "trailer")
        case 10: matches(input, name, ignoringCaseOf: "connection")
        case 12: matches(input, name, ignoringCaseOf: "content-type")
        case 13: matches(input, name, ignoringCaseOf: "authorization")
        case 14: matches(input, name, ignoringCaseOf: "content-length")
        case 16: matches(input, name, ignoringCaseOf: "content-encoding")
        case 17: matches(input, name, ignoringCaseOf: "transfer-encoding")
        case 19: matches(input, name, ignoringCaseOf: "proxy-authorization")
        default: false
        }
    }
}
