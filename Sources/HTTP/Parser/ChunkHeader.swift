/// `chunk-size [ chunk-ext ]` (RFC 9112 § 7.1); extensions are checked and forgotten.
struct ChunkHeader {
    /// Sixteen hexadecimal digits fill 64 bits.
    static let sizeDigits = 16

    let size: UInt64
    let extensionsCount: Int

    init(_ input: UnsafeBufferPointer<UInt8>, _ line: Range<Int>) throws(HTTPServerFault) {
        var size: UInt64 = 0
        var index = line.lowerBound
        while index < line.upperBound, let digit = input[index].hexValue {
            guard index - line.lowerBound < Self.sizeDigits else { throw .badRequest(.chunkSize) }
            size = size << 4 | UInt64(digit)
            index += 1
        }
        guard index > line.lowerBound else { throw .badRequest(.chunkSize) }
        self.size = size
        extensionsCount = line.upperBound - index
        guard index < line.upperBound else { return }
        guard input[index] == UInt8(ascii: ";") || input[index] == .space || input[index] == .tab else {
            throw .badRequest(.chunkSize)
        }
        var extensions = ChunkExtensions(input, index..<line.upperBound)
        while try extensions.skipOne() {}
    }
}

/// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112 § 7.1.1).
private struct ChunkExtensions {
    private let input: UnsafeBufferPointer<UInt8>
    private var rest: Range<Int>

    init(_ input: UnsafeBufferPointer<UInt8>, _ rest: Range<Int>) {
        self.input = input
        self.rest = rest
    }

    mutating func skipOne() throws(HTTPServerFault) -> Bool {
        guard !rest.isEmpty else { return false }
        skipBlanks()
        guard skip(UInt8(ascii: ";")) else { throw .badRequest(.chunkExtension) }
        skipBlanks()
        guard skipToken() else { throw .badRequest(.chunkExtension) }
        let end = rest
        skipBlanks()
        guard skip(UInt8(ascii: "=")) else {
            rest = end
            return true
        }
        skipBlanks()
        guard try skipQuoted() || skipToken() else { throw .badRequest(.chunkExtension) }
        return true
    }

    private mutating func skipBlanks() {
        while let first = rest.first, input[first] == .space || input[first] == .tab { rest.removeFirst() }
    }

    private mutating func skip(_ octet: UInt8) -> Bool {
        guard let first = rest.first, input[first] == octet else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipToken() -> Bool {
        let count = rest.count
        while let first = rest.first, input[first].isTokenCharacter { rest.removeFirst() }
        return rest.count < count
    }

    private mutating func skipQuoted() throws(HTTPServerFault) -> Bool {
        guard skip(UInt8(ascii: "\"")) else { return false }
        while let first = rest.popFirst() {
            switch input[first] {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), input[escaped].isFieldValueOctet else {
                    throw .badRequest(.chunkExtension)
                }
            case let octet where octet.isFieldValueOctet: continue
            default: throw .badRequest(.chunkExtension)
            }
        }
        throw .badRequest(.chunkExtension)
    }
}
