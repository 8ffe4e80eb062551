import Glibc

extension Socket {
    /// Bytes written that the peer has not acknowledged yet: what a full send buffer hides about a slow reader.
    package static func unacknowledged(_ fd: Int32) -> Int {
        var count: Int32 = 0
        // `SIOCOUTQ`, which is `TIOCOUTQ` for sockets.
        return ioctl(fd, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
    }
}
