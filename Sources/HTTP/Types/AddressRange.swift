import Glibc

/// Addresses that share a prefix: `10.0.0.0/8`, `2001:db8::/32`, or one alone, `127.0.0.1`.
package struct AddressRange: Sendable, Hashable {
    package static let loopback = ["127.0.0.1", "::1"].compactMap { AddressRange($0) }

    private let network: [UInt8]
    private let prefix: Int

    /// Nil for what is no numeric address with a prefix that fits it, and for bits set beyond the prefix: `10.1.0.0/8`
    /// is a mistake that is better told than guessed at.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let network = AddressOctets(String(parts[0]), unwrapped: parts.count == 1)?.bytes else { return nil }
        let bits = network.count * 8
        if parts.count == 2 {
            guard let prefix = Int(parts[1]), (0...bits).contains(prefix), "\(prefix)" == parts[1] else { return nil }
            self.prefix = prefix
        } else {
            prefix = bits
        }
        self.network = network
        guard (prefix..<bits).allSatisfy({ network[$0 / 8] & 0x80 >> UInt8($0 % 8) == 0 }) else { return nil }
    }

    /// - Parameter address: numeric, in any spelling; an IPv4 address in IPv6's clothes is the IPv4 address.
    package func contains(_ address: String) -> Bool {
        AddressOctets(address).map { contains($0.bytes) } ?? false
    }

    /// - Parameter address: in network order, 4 octets or 16.
    func contains(_ address: some Collection<UInt8>) -> Bool {
        guard address.count == network.count else { return false }
        var left = prefix
        for (one, other) in zip(address, network) {
            guard left > 0 else { return true }
            let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
            guard one & mask == other & mask else { return false }
            left -= 8
        }
        return true
    }
}

/// A numeric address as its 4 or 16 octets.
struct AddressOctets: Sendable, Hashable {
    let bytes: [UInt8]

    /// - Parameter unwrapped: whether an IPv4 address in IPv6's clothes (RFC 4291 § 2.5.5.2) is its 4.
    init?(_ text: String, unwrapped: Bool = true) {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: four) { Array($0) }
            return
        }
        var six = in6_addr()
        // Without the zone that the kernel's text of a link-local address ends in.
        guard inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &six) == 1 else { return nil }
        let octets = withUnsafeBytes(of: six) { Array($0) }
        let isMapped = octets.prefix(10).allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
        bytes = unwrapped && isMapped ? Array(octets.suffix(4)) : octets
    }
}
