internal import CLinux

/// What a non-blocking read or write came to.
package enum Transfer: Sendable, Equatable {
    case bytes(Int)
    case wouldBlock
    /// Read only: the peer has sent all it will send.
    case end
    case failed(SystemError)
}

/// The system calls on stream sockets; every descriptor is non-blocking and closed on exec.
package enum Socket {
    package static func read(_ fd: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = CLinux.read(fd, buffer.baseAddress, buffer.count)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            switch lw_errno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(SystemError("read", code: code))
            }
        }
    }

    package static func write(_ fd: Int32, _ buffer: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = lw_sendmsg_nosignal(fd, buffer.baseAddress, buffer.count)
            if count >= 0 { return .bytes(Int(count)) }
            switch lw_errno() {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            case let code: return .failed(SystemError("send", code: code))
            }
        }
    }

    /// A listening socket; port 0 lets the kernel choose.
    package static func listen(on address: SocketAddress, backlog: Int32 = 4096) throws(SystemError) -> Int32 {
        let fd = lw_socket(address.family)
        guard fd >= 0 else { throw .last("socket") }
        _ = lw_setsockopt_int(fd, SOL_SOCKET, SO_REUSEADDR, 1)
        guard address.withStorage({ lw_bind(fd, $0, $1) }) == 0, CLinux.listen(fd, backlog) == 0 else {
            let error = SystemError.last("bind")
            close(fd)
            throw error
        }
        return fd
    }

    /// A connection being made: writable once it stands or has failed; ask `connectionError` which.
    package static func connect(to address: SocketAddress) throws(SystemError) -> Int32 {
        let fd = lw_socket(address.family)
        guard fd >= 0 else { throw .last("socket") }
        setNoDelay(fd)
        guard address.withStorage({ lw_connect(fd, $0, $1) }) == 0 || lw_errno() == EINPROGRESS else {
            let error = SystemError.last("connect")
            close(fd)
            throw error
        }
        return fd
    }

    package static func connectionError(_ fd: Int32) -> SystemError? {
        let code = lw_socket_error(fd)
        return code == 0 ? nil : SystemError("connect", code: code)
    }

    package enum Acceptance: Sendable {
        case connection(Int32, SocketAddress)
        case none
        /// Out of descriptors or memory: try again later, the connection waits in the backlog.
        case exhausted
        case failed(SystemError)
    }

    package static func accept(_ fd: Int32) -> Acceptance {
        while true {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let connection = lw_accept(fd, &storage, &length)
            if connection >= 0 { return .connection(connection, SocketAddress(storage, length: length)) }
            switch lw_errno() {
            // The peer gave up while it waited in the backlog, or the network had an error meant for it.
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH:
                continue
            case EAGAIN: return .none
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted
            case let code: return .failed(SystemError("accept", code: code))
            }
        }
    }

    package static func localAddress(_ fd: Int32) -> SocketAddress? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return lw_getsockname(fd, &storage, &length) == 0 ? SocketAddress(storage, length: length) : nil
    }

    package static func setNoDelay(_ fd: Int32) { _ = lw_setsockopt_int(fd, Int32(IPPROTO_TCP), TCP_NODELAY, 1) }

    /// How much the kernel takes of what the peer's window does not let out yet (`TCP_NOTSENT_LOWAT`, tcp(7)). Without it
    /// that is megabytes a connection, and who does not read is not noticed before they are full.
    package static let unsentBound: Int32 = 128 * 1024

    package static func boundUnsent(_ fd: Int32) {
        _ = lw_setsockopt_int(fd, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, unsentBound)
    }

    package static func shutdownWrite(_ fd: Int32) { _ = shutdown(fd, Int32(SHUT_WR)) }

    package static func close(_ fd: Int32) { _ = CLinux.close(fd) }

    /// Closes so that the peer sees a reset in place of an orderly end.
    package static func reset(_ fd: Int32) {
        _ = lw_reset_on_close(fd)
        close(fd)
    }
}
