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

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// A key known when the program is built is copied as it stands: it must need no escapes.
    package mutating func key(_ key: StaticString) {
        let length = key.utf8CodeUnitCount
        let comma = needsComma
        append(atMost: length + 4) { out in
            var next = out
            if comma {
                next.pointee = UInt8(ascii: ",")
                next += 1
            }
            next.pointee = UInt8(ascii: "\"")
            (next + 1).update(from: key.utf8Start, count: length)
            next += length + 1
            next[0] = UInt8(ascii: "\"")
            next[1] = UInt8(ascii: ":")
            return next + 2 - out
        }
        needsComma = false
    }

    package mutating func key(_ key: String) {
        string(key)
        append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func string(_ value: String) {
        separate()
        let written: Void? = value.utf8.withContiguousStorageIfAvailable { quote($0) }
        if written == nil { Array(value.utf8).withUnsafeBufferPointer { quote($0) } }
    }

    /// The text as it is in memory: well-formed UTF-8.
    package mutating func string(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        separate()
        quote(bytes)
    }

    package mutating func int(_ value: Int64) {
        separate()
        appendInteger(value)
    }

    package mutating func int(_ value: Int) { int(Int64(value)) }

    package mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    package mutating func null() {
        separate()
        append("null")
    }

    package mutating func number(_ value: JSONNumber) {
        separate()
        appendASCII(value.text)
    }

    /// The shortest text that reads back as the same double; JSON has no infinity and no NaN, so those become null.
    package mutating func double(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        appendASCII(value.description)
    }

    /// `minorUnits` × 10^-`scale` without needless zeros: 1234 at scale 2 is 12.34, 500000 is 5000.
    package mutating func decimal(minorUnits: Int64, scale: Int) {
        separate()
        var fraction: [UInt8] = []
        var rest = minorUnits.magnitude
        for _ in 0..<max(scale, 0) {
            let digit = UInt8(rest % 10)
            rest /= 10
            if digit != 0 || !fraction.isEmpty { fraction.append(UInt8(ascii: "0") + digit) }
        }
        if minorUnits < 0 { append(UInt8(ascii: "-")) }
        appendDigits(rest)
        guard !fraction.isEmpty else { return }
        append(UInt8(ascii: "."))
        for byte in fraction.reversed() { append(byte) }
    }

    /// Bytes that are already the JSON text of one value.
    package mutating func raw(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { raw($0) } }

    package mutating func raw(_ bytes: UnsafeBufferPointer<UInt8>) {
        separate()
        copy(bytes)
    }

    /// `write` puts down the JSON text of one value, of at most so many bytes, and says how long it is.
    @inline(__always)
    package mutating func raw(upTo maximum: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        separate()
        append(atMost: maximum, write)
    }
}

extension JSONWriter {
    private mutating func open(_ bracket: UInt8) {
        separate()
        append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }

    /// Writes the comma that a value or key may need before it.
    @inline(__always)
    private mutating func separate() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = true
    }

    mutating func append(_ byte: UInt8) {
        append(atMost: 1) { out in
            out.pointee = byte
            return 1
        }
    }

    mutating func append(_ text: StaticString) {
        copy(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func appendASCII(_ text: String) {
        let written: Void? = text.utf8.withContiguousStorageIfAvailable { copy($0) }
        if written == nil { Array(text.utf8).withUnsafeBufferPointer { copy($0) } }
    }

    private mutating func copy(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress else { return }
        append(atMost: bytes.count) { out in
            out.update(from: base, count: bytes.count)
            return bytes.count
        }
    }

    private mutating func appendInteger(_ value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
    }

    private mutating func appendDigits(_ value: UInt64) {
        // 20 digits hold every UInt64.
        append(atMost: 20) { out in
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
    }

    /// Makes room for `maximum` bytes, lets `write` fill them, and keeps as many as it says.
    @inline(__always)
    private mutating func append(atMost maximum: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
        if storage.count &- count < maximum { grow(by: maximum) }
        let start = count
        count &+= storage.withUnsafeMutableBufferPointer { buffer in
            // `init` and `grow` leave no empty storage, so there is always a base.
            buffer.baseAddress.map { write($0 + start) } ?? 0
        }
    }

    @inline(never)
    private mutating func grow(by needed: Int) {
        storage.append(contentsOf: repeatElement(0, count: max(needed, storage.count)))
    }
}

extension JSONWriter {
    private mutating func quote(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let base = bytes.baseAddress else { return append("\"\"") }
        var ignored = true
        if ByteScan.firstSpecial(base, from: 0, to: bytes.count, isASCII: &ignored) == bytes.count {
            append(atMost: bytes.count + 2) { out in
                out.pointee = UInt8(ascii: "\"")
                (out + 1).update(from: base, count: bytes.count)
                out[bytes.count + 1] = UInt8(ascii: "\"")
                return bytes.count + 2
            }
        } else {
            append(UInt8(ascii: "\""))
            escape(bytes, base)
            append(UInt8(ascii: "\""))
        }
    }

    private mutating func escape(_ bytes: UnsafeBufferPointer<UInt8>, _ base: UnsafePointer<UInt8>) {
        var ignored = true
        var start = 0
        while start < bytes.count {
            let stop = ByteScan.firstSpecial(base, from: start, to: bytes.count, isASCII: &ignored)
            copy(UnsafeBufferPointer(start: base + start, count: stop - start))
            if stop < bytes.count { appendEscape(bytes[stop]) }
            start = stop + 1
        }
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        default:
            append(byte < 0x10 ? "\\u000" : "\\u001")
            let digit = byte & 0x0F
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
