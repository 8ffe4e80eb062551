import Glibc

/// The end of the input if there is none.
func firstLineFeed(_ input: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    guard let base = input.baseAddress, start < input.count,
        let found = memchr(base + start, Int32(UInt8.lineFeed), input.count - start)
    else { return input.count }
    return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
}

func text(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: input[range]), as: UTF8.self)
}

func matches(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    guard let base = input.baseAddress else { return range.isEmpty }
    return memcmp(base + range.lowerBound, text.utf8Start, range.count) == 0
}

/// - Parameter text: in lower case.
func matches(
    _ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, ignoringCaseOf text: StaticString
) -> Bool {
    guard range.count == text.utf8CodeUnitCount else { return false }
    for offset in 0..<range.count
    where input[range.lowerBound + offset].asciiLowercased != text.utf8Start[offset] { return false }
    return true
}

/// Without the spaces and tabs at both ends (`OWS`, RFC 9110 § 5.6.3).
func trimmed(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, input[start] == .space || input[start] == .tab { start += 1 }
    while end > start, input[end - 1] == .space || input[end - 1] == .tab { end -= 1 }
    return start..<end
}

/// `uri-host [ ":" port ]` (RFC 9110 § 7.2), narrowed to what names and addresses are made of: the grammar's
/// commas and other delimiters stand in no real host, and proxies differ in what they make of them.
func isHost(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    guard let first = range.first else { return false }
    var end = first
    if input[first] == UInt8(ascii: "[") {
        end += 1
        while end < range.upperBound, input[end].isAddressOctet { end += 1 }
        guard end > first + 1, end < range.upperBound, input[end] == UInt8(ascii: "]") else { return false }
        end += 1
    } else {
        while end < range.upperBound, input[end].isHostNameOctet { end += 1 }
        guard end > first else { return false }
    }
    guard end < range.upperBound else { return true }
    let port = (end + 1)..<range.upperBound
    guard input[end] == UInt8(ascii: ":"), port.count <= 5, port.allSatisfy({ input[$0].isDigit }) else { return false }
    return port.reduce(0) { $0 * 10 + Int(input[$1] - 0x30) } <= 65_535
}

/// `uri-host ":" port` (RFC 9112 § 3.2.3), where the port may not be left out.
func isHostAndPort(_ input: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    guard isHost(input, range), let colon = range.last(where: { input[$0] == UInt8(ascii: ":") }) else { return false }
    let port = (colon + 1)..<range.upperBound
    return !port.isEmpty && port.allSatisfy { input[$0].isDigit }
}

extension UInt8 {
    /// Letters, digits, and `-._~`.
    fileprivate var isHostNameOctet: Bool {
        self < 128 && (self < 64 ? Self.hostNameLow : Self.hostNameHigh) &>> UInt64(self) & 1 != 0
    }

    // One bit an octet.
    private static var hostNameLow: UInt64 { 0x03FF_6000_0000_0000 }
    private static var hostNameHigh: UInt64 { 0x47FF_FFFE_87FF_FFFE }

    fileprivate var isAddressOctet: Bool {
        hexValue != nil || self == UInt8(ascii: ":") || self == UInt8(ascii: ".")
    }
}
