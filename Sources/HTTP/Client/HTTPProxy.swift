import Crypto
import EventLoop

/// A proxy that makes tunnels (RFC 9110 § 9.3.6): it learns host and port of who is called, and carries bytes.
package struct HTTPProxy: Sendable, Hashable {
    let origin: HTTPURL.Origin
    /// The value of `Proxy-Authorization`.
    let authorization: String?

    /// `http://proxy.example:3128`, with `user:password@` before the host where it asks for them; both may be
    /// percent-encoded. Nil for everything else, paths among it.
    package init?(_ text: String) {
        let prefix = "http://"
        guard text.lowercased().hasPrefix(prefix) else { return nil }
        var rest = text.dropFirst(prefix.count)
        if rest.last == "/" { rest.removeLast() }
        let parts = rest.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.last, let url = HTTPURL(prefix + host), url.target == "/", !host.hasSuffix("/"),
            !host.hasSuffix("?")
        else { return nil }
        origin = url.origin
        guard parts.count == 2 else {
            authorization = nil
            return
        }
        guard let user = try? PercentEncoding.decode(parts[0]), user.utf8.contains(UInt8(ascii: ":")) else {
            return nil
        }
        authorization = "Basic \(Base64.encode(Array(user.utf8)))"
    }

    /// What stands beside this process is called without a detour.
    func serves(_ origin: HTTPURL.Origin) -> Bool {
        var host = Substring(origin.host)
        if host.hasSuffix(".") { host.removeLast() }
        if host == "localhost" || host.hasSuffix(".localhost") { return false }
        guard let address = SocketAddress(ip: String(host), port: 0) else { return true }
        return !Self.loopback.contains { $0.contains(address.octets) }
    }

    private static let loopback = ["127.0.0.0/8", "::1", "::ffff:127.0.0.0/104"].compactMap(AddressRange.init)

    /// What asks for the way to `origin`.
    func request(to origin: HTTPURL.Origin) -> [UInt8] {
        let host = origin.host.utf8.contains(UInt8(ascii: ":")) ? "[\(origin.host)]" : origin.host
        let authority = "\(host):\(origin.port)"
        let field = authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
        return Array("CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n\(field)\r\n".utf8)
    }
}
