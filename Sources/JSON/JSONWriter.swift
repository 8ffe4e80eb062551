/// Writes JSON text straight into bytes; commas take care of themselves.
package struct JSONWriter: Sendable {
    /// Longer than the text, so that writing is a plain store.
    private var storage: [UInt8]
    private var count = 0
    private var needsComma = false

    package init(capacity: Int = 512) {
        storage = [UInt8](repeating: 0, count: max(capacity, 32))
    }

    /// A copy of what was written so far.
    package var bytes: [UInt8] { Array(storage[..<count]) }

    /// What was written, without a copy.
    package consuming func finish() -> [UInt8] {
        storage.removeLast(storage.count - count)
        return storage
    }

    package mutating func beginObject() { write(atMost: JSONPen.roomForBracket) { $0.beginObject() } }
    package mutating func endObject() { write(atMost: JSONPen.roomForBracket) { $0.endObject() } }
    package mutating func beginArray() { write(atMost: JSONPen.roomForBracket) { $0.beginArray() } }
    package mutating func endArray() { write(atMost: JSONPen.roomForBracket) { $0.endArray() } }

    /// A key known when the program is built is copied as it stands: it must need no escapes.
    package mutating func key(_ key: StaticString) {
        write(atMost: JSONPen.room(forKey: key)) { $0.key(key) }
    }

    package mutating func key(_ key: String) {
        string(key)
        write(atMost: 1) { $0.colon() }
    }

    package mutating func string(_ value: String) {
        let written: Void? = value.utf8.withContiguousStorageIfAvailable { string(utf8: $0) }
        if written == nil { Array(value.utf8).withUnsafeBufferPointer { string(utf8: $0) } }
    }

    /// The text as it is in memory: well-formed UTF-8.
    package mutating func string(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        if JSONPen.isPlain(bytes) {
            write(atMost: JSONPen.room(forPlain: bytes.count)) { $0.plain(bytes) }
        } else {
            pieces(bytes)
        }
    }

    package mutating func int(_ value: Int64) { raw(upTo: 20) { Self.put(value, at: $0) } }

    package mutating func int(_ value: Int) { int(Int64(value)) }

    package mutating func bool(_ value: Bool) { write(atMost: JSONPen.roomForWord) { $0.bool(value) } }

    package mutating func null() { write(atMost: JSONPen.roomForWord) { $0.null() } }

    package mutating func number(_ value: JSONNumber) { raw(value.text) }

    /// The shortest text that reads back as the same double; JSON has no infinity and no NaN, so those become null.
    package mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        raw(value.description)
    }

    /// `minorUnits` × 10^-`scale` without needless zeros: 1234 at scale 2 is 12.34, 500000 is 5000.
    package mutating func decimal(minorUnits: Int64, scale: Int) {
        var fraction: [UInt8] = []
        var rest = minorUnits.magnitude
        for _ in 0..<max(scale, 0) {
            let digit = UInt8(rest % 10)
            rest /= 10
            if digit != 0 || !fraction.isEmpty { fraction.append(UInt8(ascii: "0") + digit) }
        }
        // Sign, 20 digits and point beside the fraction.
        raw(upTo: fraction.count + 22) { out in
            var end = out
            if minorUnits < 0 {
                end.pointee = UInt8(ascii: "-")
                end += 1
            }
            end += Self.put(rest, at: end)
            guard !fraction.isEmpty else { return end - out }
            end.pointee = UInt8(ascii: ".")
            for byte in fraction.reversed() {
                end += 1
                end.pointee = byte
            }
            return end + 1 - out
        }
    }

    /// Bytes that are already the JSON text of one value.
    package mutating func raw(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { raw($0) } }

    package mutating func raw(_ bytes: UnsafeBufferPointer<UInt8>) {
        write(atMost: JSONPen.room(forRaw: bytes.count)) { $0.raw(bytes) }
    }

    /// Lends a pen that has room for so many bytes.
    @inline(__always)
    package mutating func write(atMost maximum: Int, _ write: (inout JSONPen) -> Void) {
        if storage.count &- count < maximum { grow(by: maximum) }
        let start = count
        let comma = needsComma
        // `init` and `grow` leave no empty storage, so there is always a base.
        (count, needsComma) = storage.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return (start, comma) }
            var pen = JSONPen(at: base + start, needsComma: comma)
            write(&pen)
            return (pen.end - base, pen.needsComma)
        }
    }
}

extension JSONWriter {
    /// `write` puts down the JSON text of one value, of at most so many bytes, and says how long it is.
    private mutating func raw(upTo maximum: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        self.write(atMost: JSONPen.room(forRaw: maximum)) { $0.raw(write) }
    }

    private mutating func raw(_ text: String) {
        let written: Void? = text.utf8.withContiguousStorageIfAvailable { raw($0) }
        if written == nil { raw(Array(text.utf8)) }
    }

    /// A long text is written bit by bit, so that room for escapes is not made for all of it.
    private mutating func pieces(_ bytes: UnsafeBufferPointer<UInt8>) {
        write(atMost: 2) { $0.beginString() }
        var start = 0
        while start < bytes.count {
            let piece = UnsafeBufferPointer(rebasing: bytes[start..<min(start + 256, bytes.count)])
            write(atMost: JSONPen.escapeLength * piece.count) { $0.piece(piece) }
            start += piece.count
        }
        write(atMost: 1) { $0.endString() }
    }

    private static func put(_ value: Int64, at out: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return put(value.magnitude, at: out) }
        out.pointee = UInt8(ascii: "-")
        return 1 + put(value.magnitude, at: out + 1)
    }

    /// At most 20 digits.
    private static func put(_ value: UInt64, at out: UnsafeMutablePointer<UInt8>) -> Int {
        var length = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        rest = value
        var index = length
        repeat {
            index -= 1
            out[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while index > 0
        return length
    }

    @inline(never)
    private mutating func grow(by needed: Int) {
        storage.append(contentsOf: repeatElement(0, count: max(needed, storage.count)))
    }
}
