internal import CLinux

/// A name that could not be resolved.
package struct ResolveError: Error, Sendable, CustomStringConvertible {
    package let code: Int32
    package var description: String { "resolve: \(String(cString: gai_strerror(code)))" }
}

/// Names to addresses, off the loop.
package enum Resolver {
    /// Every stream address of `host`, in the order of RFC 6724; numeric hosts and `localhost` need no look-up.
    package static func resolve(
        _ host: String, port: UInt16, on threads: ThreadPool = .blocking
    ) async throws -> [SocketAddress] {
        if let address = SocketAddress(ip: host, port: port) { return [address] }
        return try await threads.run { try look(up: host, port: port) }
    }

    private static func look(up host: String, port: UInt16) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &list)
        guard code == 0, let list else { throw ResolveError(code: code) }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var entry: UnsafeMutablePointer<addrinfo>? = list
        while let current = entry {
            entry = current.pointee.ai_next
            guard let address = current.pointee.ai_addr else { continue }
            var storage = sockaddr_storage()
            memcpy(&storage, address, Int(current.pointee.ai_addrlen))
            addresses.append(SocketAddress(storage, length: current.pointee.ai_addrlen))
        }
        return addresses
    }
}
