internal import CLinux

/// What a descriptor is, or should be, ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = Readiness(rawValue: EPOLLIN.rawValue)
    package static let write = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer has shut down its sending half.
    package static let peerClosed = Readiness(rawValue: EPOLLRDHUP.rawValue)
    /// Asked for by each of several processes that share a socket: an event need not wake them all. What is registered
    /// with it cannot be changed, only taken back.
    package static let exclusive = Readiness(rawValue: EPOLLEXCLUSIVE.rawValue)
    /// Reported whether asked for or not.
    package static let hangUp = Readiness(rawValue: EPOLLHUP.rawValue)
    /// Reported whether asked for or not.
    package static let error = Readiness(rawValue: EPOLLERR.rawValue)

    // Asked with every event of a connection: a set made of a literal would be put together each time.

    /// Something can be read, if only that it is over.
    package var bringsInput: Bool { rawValue & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    /// Neither side can send any more.
    package var isOver: Bool { rawValue & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    /// The peer sends no more, where `peerClosed` was asked for.
    package var hasPeerEnded: Bool { rawValue & (EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0 }
    package var takesOutput: Bool { rawValue & EPOLLOUT.rawValue != 0 }
}

/// Told, on the loop, that its descriptor is ready.
@Reactor
package protocol ReadinessHandler: AnyObject {
    func ready(_ readiness: Readiness)
}

/// One registration of one descriptor. The number tells it from the next one of a descriptor that was closed and
/// given out again.
package struct Registration: Sendable, Hashable {
    package let fd: Int32
    let number: UInt32

    var data: UInt64 { UInt64(number) << 32 | UInt64(UInt32(bitPattern: fd)) }
}
