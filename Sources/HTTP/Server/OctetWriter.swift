/// Fills memory whose size its user has worked out beforehand: each piece is one move.
struct OctetWriter {
    private let memory: UnsafeMutableRawBufferPointer
    private var count = 0

    init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

    @inline(__always)
    mutating func write(_ octets: UnsafeRawBufferPointer) {
        guard let source = octets.baseAddress, let base = memory.baseAddress else { return }
        precondition(octets.count <= memory.count - count, "more is written than was reckoned with")
        (base + count).copyMemory(from: source, byteCount: octets.count)
        count += octets.count
    }

    mutating func write(_ octets: Slice<UnsafeBufferPointer<UInt8>>) {
        write(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: octets)))
    }

    mutating func write(_ octets: [UInt8]) { octets.withUnsafeBytes { write($0) } }

    mutating func write(_ text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func write(decimal number: Int) {
        var rest = UInt(number)
        // The largest has nineteen digits.
        withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
            var start = digits.count
            repeat {
                start -= 1
                digits[start] = 0x30 + UInt8(rest % 10)
                rest /= 10
            } while rest > 0
            write(UnsafeRawBufferPointer(rebasing: digits[start...]))
        }
    }
}
