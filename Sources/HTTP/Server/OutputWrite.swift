import EventLoop

/// What became of an attempt to write out a buffer.
enum OutputWrite {
    case all
    /// The socket is full; the offset up to which it has taken the bytes.
    case part(Int)
    case failed

    /// Outside the reactor's isolation: a closure of isolated code asks at each call which thread it is on.
    init(_ fd: Int32, _ bytes: [UInt8], from start: Int) {
        self = bytes.withUnsafeBytes { bytes in
            var offset = start
            while offset < bytes.count {
                switch Socket.write(fd, UnsafeRawBufferPointer(rebasing: bytes[offset...])) {
                case .bytes(let count): offset += count
                case .wouldBlock, .end: return .part(offset)
                case .failed: return .failed
                }
            }
            return .all
        }
    }
}
