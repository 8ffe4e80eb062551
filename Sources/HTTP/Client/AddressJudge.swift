package import EventLoop

/// Whether an address that a stranger's URL leads to may be connected to: only what the whole Internet can reach, so
/// that nobody reaches through this process what stands beside it.
///
/// The ranges are those of the IANA special-purpose registries (RFC 6890) that are not globally reachable, and of
/// multicast. An address that carries an IPv4 address within is judged by that one too.
package struct AddressJudge: Sendable {
    private let allowed: [AddressRange]

    /// - Parameter allowed: what may be reached all the same, by the operator's word.
    package init(allowing allowed: [AddressRange] = []) { self.allowed = allowed }

    package func allows(_ address: SocketAddress) -> Bool {
        let octets = Array(address.octets)
        if allowed.contains(where: { $0.contains(octets) }) { return true }
        if let inner = Self.embedded(octets) {
            return allowed.contains { $0.contains(inner) } || Self.isPublic(four: inner)
        }
        switch octets.count {
        case 4: return Self.isPublic(four: octets)
        case 16: return Self.isPublic(six: octets)
        default: return false
        }
    }

    /// The IPv4 address that packets to an IPv6 address end up at.
    private static func embedded(_ octets: [UInt8]) -> [UInt8]? {
        guard octets.count == 16, carriers.contains(where: { $0.contains(octets) }) else { return nil }
        return Array(octets[12...])
    }

    private static func isPublic(four octets: [UInt8]) -> Bool { !specialFour.contains { $0.contains(octets) } }

    private static func isPublic(six octets: [UInt8]) -> Bool {
        global.contains { $0.contains(octets) } && !specialSix.contains { $0.contains(octets) }
    }

    private static let carriers = ranges(
        "::ffff:0:0/96",  // IPv4-mapped, RFC 4291 § 2.5.5.2
        "64:ff9b::/96")  // NAT64's well-known prefix, RFC 6052 § 2.1

    private static let specialFour = ranges(
        "0.0.0.0/8",  // this network, RFC 791 § 3.2; Linux takes 0.0.0.0 for itself
        "10.0.0.0/8",  // private, RFC 1918
        "100.64.0.0/10",  // shared behind carriers' NAT, RFC 6598
        "127.0.0.0/8",  // loopback, RFC 1122 § 3.2.1.3
        "169.254.0.0/16",  // link-local, RFC 3927; clouds' metadata among them
        "172.16.0.0/12",  // private, RFC 1918
        "192.0.0.0/24",  // protocol assignments, RFC 6890 § 2.1
        "192.0.2.0/24",  // documentation, RFC 5737
        "192.88.99.0/24",  // 6to4 relays, RFC 7526
        "192.168.0.0/16",  // private, RFC 1918
        "198.18.0.0/15",  // benchmarking, RFC 2544
        "198.51.100.0/24",  // documentation, RFC 5737
        "203.0.113.0/24",  // documentation, RFC 5737
        "224.0.0.0/4",  // multicast, RFC 5771
        "240.0.0.0/4")  // reserved, RFC 1112 § 4, and broadcast, RFC 919

    /// All else is not routed: loopback, unspecified, unique-local (RFC 4193), link-local, site-local, multicast,
    /// discard-only (RFC 6666), local NAT64 (RFC 8215), segment routing (RFC 9602).
    private static let global = ranges("2000::/3")  // RFC 4291 § 2.4

    private static let specialSix = ranges(
        "2001::/23",  // protocol assignments, RFC 2928: Teredo, ORCHID, benchmarking
        "2001:db8::/32",  // documentation, RFC 3849
        "2002::/16",  // 6to4, RFC 3056: leads to an IPv4 address, through relays that are no more
        "3fff::/20")  // documentation, RFC 9637

    private static func ranges(_ texts: String...) -> [AddressRange] { texts.compactMap(AddressRange.init) }
}
