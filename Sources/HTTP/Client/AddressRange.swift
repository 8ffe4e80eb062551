import EventLoop

/// Addresses that begin alike: `10.0.0.0/8`, `fd00::/8`, or a single one.
package struct AddressRange: Sendable, Hashable {
    private let octets: [UInt8]
    private let bits: Int

    /// Nil for anything but a numeric address with, perhaps, a length that it has: `10.0.0.1/8` names no range.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = SocketAddress(ip: String(first), port: 0) else { return nil }
        let octets = Array(address.octets)
        var bits = octets.count * 8
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy(\.isDigit), let given = Int(parts[1]), given <= bits
            else {
                return nil
            }
            bits = given
        }
        self.octets = octets
        self.bits = bits
        guard (bits..<octets.count * 8).allSatisfy({ octets[$0 / 8] & (0x80 >> UInt8($0 % 8)) == 0 }) else {
            return nil
        }
    }

    /// - Parameter address: in network order, 4 bytes or 16.
    func contains(_ address: some Collection<UInt8>) -> Bool {
        guard address.count == octets.count else { return false }
        var left = bits
        for (one, other) in zip(address, octets) {
            guard left > 0 else { return true }
            let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
            guard one & mask == other & mask else { return false }
            left -= 8
        }
        return true
    }
}
