/// Writes JSON text into memory that has room for all of it; commas take care of themselves.
///
/// Whoever lends the memory reckons the room before, so that nothing is asked for on the way: `room(forKey:)` and its
/// kin say how much each piece takes at most, with the comma before it.
package struct JSONPen {
    private(set) var end: UnsafeMutablePointer<UInt8>
    private(set) var needsComma: Bool

    init(at start: UnsafeMutablePointer<UInt8>, needsComma: Bool) {
        end = start
        self.needsComma = needsComma
    }

    // MARK: Room, in bytes

    /// Comma, quotes, colon.
    package static func room(forKey key: StaticString) -> Int { key.utf8CodeUnitCount + 4 }

    /// Comma and quotes; an escape takes up to six bytes, as `\u001f`.
    package static func room(forString count: Int) -> Int { escapeLength * count + 3 }

    /// Of a text that needs no escapes.
    static func room(forPlain count: Int) -> Int { count + 3 }

    /// Of what is JSON already.
    static func room(forRaw count: Int) -> Int { count + 1 }

    static let roomForWord = room(forRaw: 5)
    static let roomForBracket = 2
    static let escapeLength = 6

    // MARK: Pieces

    /// A key known when the program is built is copied as it stands: it must need no escapes.
    @inline(__always)
    package mutating func key(_ key: StaticString) {
        if needsComma { put(UInt8(ascii: ",")) }
        put(UInt8(ascii: "\""))
        copy(UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        put(UInt8(ascii: "\""))
        colon()
    }

    /// Makes a key of the text that was written last.
    @inline(__always)
    mutating func colon() {
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Well-formed UTF-8.
    @inline(__always)
    package mutating func string(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        beginString()
        piece(bytes)
        endString()
    }

    @inline(__always)
    mutating func plain(_ bytes: UnsafeBufferPointer<UInt8>) {
        beginString()
        copy(bytes)
        endString()
    }

    @inline(__always)
    mutating func beginString() {
        separate()
        put(UInt8(ascii: "\""))
    }

    @inline(__always)
    mutating func endString() { put(UInt8(ascii: "\"")) }

    /// A part of a string, cut anywhere: what is escaped is escaped byte by byte.
    @inline(__always)
    mutating func piece(_ bytes: UnsafeBufferPointer<UInt8>) {
        if Self.isPlain(bytes) { copy(bytes) } else { escape(bytes) }
    }

    @inline(__always)
    static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var ignored = true
        return ByteScan.firstSpecial(base, from: 0, to: bytes.count, isASCII: &ignored) == bytes.count
    }

    /// Bytes that are already the JSON text of one value.
    @inline(__always)
    package mutating func raw(_ bytes: UnsafeBufferPointer<UInt8>) {
        separate()
        copy(bytes)
    }

    /// `write` puts down the JSON text of one value, and says how long it is.
    @inline(__always)
    package mutating func raw(_ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        separate()
        end += write(end)
    }

    @inline(__always)
    package mutating func null() { word("null") }

    @inline(__always)
    package mutating func bool(_ value: Bool) { word(value ? "true" : "false") }

    @inline(__always)
    private mutating func word(_ word: StaticString) {
        separate()
        copy(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    @inline(__always)
    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    @inline(__always)
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    @inline(__always)
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    @inline(__always)
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    // MARK: Bytes

    @inline(__always)
    private mutating func open(_ bracket: UInt8) {
        separate()
        put(bracket)
        needsComma = false
    }

    @inline(__always)
    private mutating func close(_ bracket: UInt8) {
        put(bracket)
        needsComma = true
    }

    /// Writes the comma that a value may need before it.
    @inline(__always)
    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
        needsComma = true
    }

    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        end.pointee = byte
        end += 1
    }

    @inline(__always)
    private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress else { return }
        end.update(from: base, count: bytes.count)
        end += bytes.count
    }

    @inline(never)
    private mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): escape(as: byte)
            case 0x08: escape(as: UInt8(ascii: "b"))
            case 0x09: escape(as: UInt8(ascii: "t"))
            case 0x0A: escape(as: UInt8(ascii: "n"))
            case 0x0C: escape(as: UInt8(ascii: "f"))
            case 0x0D: escape(as: UInt8(ascii: "r"))
            case ..<0x20:
                escape(as: UInt8(ascii: "u"))
                put(UInt8(ascii: "0"))
                put(UInt8(ascii: "0"))
                put(UInt8(ascii: byte < 0x10 ? "0" : "1"))
                let digit = byte & 0x0F
                put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            default: put(byte)
            }
        }
    }

    private mutating func escape(as letter: UInt8) {
        put(UInt8(ascii: "\\"))
        put(letter)
    }
}
