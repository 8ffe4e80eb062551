import EventLoop

/// What became of an attempt to write out a buffer.
enum OutputWrite {
    case all
    /// The socket is full; the offset up to which it has taken the bytes.
    case part(Int)
    case failed

    init(_ fd: Int32, _ bytes: UnsafeRawBufferPointer, from start: Int) {
        var offset = start
        while offset < bytes.count {
            switch Socket.write(fd, UnsafeRawBufferPointer(rebasing: bytes[offset...])) {
            case .bytes(let count): offset += count
            case .wouldBlock, .end:
                self = .part(offset)
                return
            case .failed:
                self = .failed
                return
            }
        }
        self = .all
    }
}
