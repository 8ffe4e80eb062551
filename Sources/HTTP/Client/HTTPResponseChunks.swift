/// Takes the chunked coding off a body (RFC 9112 § 7.1); extensions and trailers are judged and thrown away.
struct HTTPResponseChunks: Sendable {
    private enum State: Sendable {
        /// Hex digits of a size. Can transition to: sizeExtension, sizeLineFeed.
        case size(digits: Int)
        /// After `;`. Can transition to: sizeLineFeed.
        case sizeExtension
        /// Can transition to: data, or trailer after the size 0.
        case sizeLineFeed
        /// Can transition to: dataCarriageReturn.
        case data
        case dataCarriageReturn
        /// Can transition to: size.
        case dataLineFeed
        /// At the start of a trailer line or of the last, empty one. Can transition to: trailerField, lastLineFeed.
        case trailer
        /// Can transition to: trailerLineFeed.
        case trailerField
        /// Can transition to: trailer.
        case trailerLineFeed
        case lastLineFeed
        case done
    }

    /// What extensions and trailers may come to together, in bytes; nothing of them is used.
    private static let discardLimit = 8 * 1024

    private var state = State.size(digits: 0)
    private var remaining = 0
    private var discarded = 0

    var isDone: Bool {
        if case .done = state { true } else { false }
    }

    /// Appends what is data to `body`, and returns how many bytes of `input` belong to the message.
    mutating func consume(
        _ input: UnsafeRawBufferPointer, into body: inout [UInt8], limit: Int
    ) throws(HTTPResponseFault) -> Int {
        var index = 0
        while index < input.count {
            if case .done = state { break }
            if case .data = state {
                let count = min(remaining, input.count - index)
                guard body.count + count <= limit else { throw .bodyTooLarge }
                body.append(contentsOf: input[index..<index + count])
                remaining -= count
                index += count
                if remaining == 0 { state = .dataCarriageReturn }
                continue
            }
            try step(input[index])
            index += 1
        }
        return index
    }

    private mutating func step(_ octet: UInt8) throws(HTTPResponseFault) {
        switch state {
        case .size(let digits): try size(octet, digits: digits)
        case .sizeExtension: try sizeExtension(octet)
        case .sizeLineFeed:
            guard octet == .lineFeed else { throw .chunkSize }
            state = remaining == 0 ? .trailer : .data
        case .dataCarriageReturn:
            guard octet == .carriageReturn else { throw .chunkEnding }
            state = .dataLineFeed
        case .dataLineFeed:
            guard octet == .lineFeed else { throw .chunkEnding }
            state = .size(digits: 0)
        case .trailer:
            if octet == .carriageReturn {
                state = .lastLineFeed
            } else {
                guard octet.isTokenCharacter else { throw .trailer }
                try discard()
                state = .trailerField
            }
        case .trailerField:
            if octet == .carriageReturn {
                state = .trailerLineFeed
            } else {
                guard octet.isFieldValueOctet else { throw .trailer }
                try discard()
            }
        case .trailerLineFeed:
            guard octet == .lineFeed else { throw .trailer }
            state = .trailer
        case .lastLineFeed:
            guard octet == .lineFeed else { throw .trailer }
            state = .done
        case .data, .done: break
        }
    }

    private mutating func size(_ octet: UInt8, digits: Int) throws(HTTPResponseFault) {
        if let value = octet.hexValue {
            // Fifteen hex digits stay below 2⁶⁰: no overflow.
            guard digits < 15 else { throw .chunkSize }
            remaining = digits == 0 ? Int(value) : remaining << 4 | Int(value)
            state = .size(digits: digits + 1)
            return
        }
        guard digits > 0 else { throw .chunkSize }
        switch octet {
        case .carriageReturn: state = .sizeLineFeed
        // Blanks before an extension are bad grammar that recipients must bear (RFC 9112 § 7.1.1).
        case UInt8(ascii: ";"), .space, .tab: state = .sizeExtension
        default: throw .chunkSize
        }
    }

    private mutating func sizeExtension(_ octet: UInt8) throws(HTTPResponseFault) {
        guard octet != .carriageReturn else { return state = .sizeLineFeed }
        guard octet.isFieldValueOctet else { throw .chunkSize }
        try discard()
    }

    private mutating func discard() throws(HTTPResponseFault) {
        discarded += 1
        guard discarded <= Self.discardLimit else { throw .headTooLarge }
    }
}
