/// Whom a bound on connections counts as one client: an IPv4 address, or the /64 of an IPv6 address.
///
/// A host makes up the last 64 bits of its address as it likes (RFC 4291 § 2.5.1, RFC 8981), and no site is given less
/// than a /64 (RFC 6177): counted by whole addresses, one machine would be as many clients as it wants.
struct ClientSite: Hashable, Sendable {
    private let key: String

    /// - Parameter peer: numeric; an IPv4 address has no other spelling.
    init(_ peer: String) {
        guard peer.utf8.contains(UInt8(ascii: ":")), let octets = AddressOctets(peer),
            !octets.isLinkLocal
        else {
            key = peer
            return
        }
        key = octets.bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ".") + "/64"
    }
}

extension AddressOctets {
    /// `fe80::/10`: all hosts of a link share its /64.
    fileprivate var isLinkLocal: Bool { bytes.count == 16 && bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 }
}
