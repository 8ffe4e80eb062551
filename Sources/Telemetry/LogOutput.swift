import Glibc

/// Where finished lines go; standard error unless a test redirects it.
package final class LogOutput: Sendable {
    package typealias Sink = @Sendable (_ line: [UInt8]) -> Void

    private let sink: Locked<Sink>

    package init(_ sink: @escaping Sink) {
        self.sink = Locked(sink)
    }

    /// Sends lines elsewhere from now on, and tells where they went before.
    @discardableResult
    package func redirect(to sink: @escaping Sink) -> Sink {
        self.sink.withLock { current in
            let previous = current
            current = sink
            return previous
        }
    }

    func write(_ line: [UInt8]) {
        // The sink runs outside the lock, so it may log or redirect itself.
        sink.withLock { $0 }(line)
    }

    package static let standardError = LogOutput { line in
        standardErrorLock.withLock { _ in writeAll(line, to: STDERR_FILENO) }
    }

    /// Keeps the lines of two threads apart where one write(2) is not enough.
    private static let standardErrorLock = Locked(())

    /// One write(2) for the line; more only if the kernel took a part of it.
    static func writeAll(_ line: [UInt8], to descriptor: Int32) {
        line.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno == EAGAIN {
                    // A reader too slow for its pipe loses a line sooner than it may hold up the server.
                    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    if Glibc.poll(&poll, 1, 100) <= 0 { return }
                } else if errno != EINTR {
                    return
                }
            }
        }
    }
}
