internal import CLinux

/// An IPv4, IPv6 or Unix socket address.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    private let bytes: [UInt8]

    init(_ storage: sockaddr_storage, length: socklen_t) {
        bytes = withUnsafeBytes(of: storage) { Array($0.prefix(Int(length))) }
    }

    /// A numeric address, never a name: `127.0.0.1`, `::1`.
    package init?(ip: String, port: UInt16) {
        // To C the text would end there, and what follows would pass unseen.
        guard !ip.utf8.contains(0) else { return nil }
        var storage = sockaddr_storage()
        var four = sockaddr_in()
        if inet_pton(AF_INET, ip, &four.sin_addr) == 1 {
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &storage) { to in withUnsafeBytes(of: four) { to.copyMemory(from: $0) } }
            self.init(storage, length: socklen_t(MemoryLayout<sockaddr_in>.size))
            return
        }
        var six = sockaddr_in6()
        guard inet_pton(AF_INET6, ip, &six.sin6_addr) == 1 else { return nil }
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &storage) { to in withUnsafeBytes(of: six) { to.copyMemory(from: $0) } }
        self.init(storage, length: socklen_t(MemoryLayout<sockaddr_in6>.size))
    }

    /// A Unix socket by its path; one that begins with `@` is in Linux's abstract name space.
    package init?(unixPath path: String) {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        let isAbstract = name.first == UInt8(ascii: "@")
        if isAbstract { name[0] = 0 } else { name.append(0) }
        let start = MemoryLayout<sa_family_t>.size
        guard name.count > 1, name.count <= MemoryLayout<sockaddr_un>.size - start else { return nil }
        withUnsafeMutableBytes(of: &storage) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes[start...]).copyBytes(from: name)
        }
        self.init(storage, length: socklen_t(start + name.count))
    }

    package var family: Int32 { withStorage { storage, _ in Int32(storage.pointee.ss_family) } }

    /// The address itself in network order, 4 bytes or 16; none for a Unix socket.
    package var octets: ArraySlice<UInt8> {
        switch family {
        // After family and port; in IPv6 after the flow label too.
        case AF_INET: bytes[4..<8]
        case AF_INET6: bytes[8..<24]
        default: []
        }
    }

    /// 0 for a Unix socket.
    package var port: UInt16 {
        withStorage { storage, _ in
            switch Int32(storage.pointee.ss_family) {
            case AF_INET, AF_INET6:
                // Both kinds hold the port in the two bytes after the family.
                return UInt16(bytes[2]) << 8 | UInt16(bytes[3])
            default: return 0
            }
        }
    }

    /// The numeric address without the port.
    package var ip: String {
        withStorage { storage, length in
            var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let result = storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo($0, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
            }
            guard result == 0 else { return "unix" }
            return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    package var description: String { family == AF_INET6 ? "[\(ip)]:\(port)" : "\(ip):\(port)" }

    func withStorage<Result>(_ body: (UnsafePointer<sockaddr_storage>, socklen_t) -> Result) -> Result {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { to in bytes.withUnsafeBytes { to.copyMemory(from: $0) } }
        return body(&storage, socklen_t(bytes.count))
    }
}
