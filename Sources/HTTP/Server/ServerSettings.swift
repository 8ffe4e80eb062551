import EventLoop

/// The configuration behind one reference, because it is read with every event of every connection and is large to
/// copy; with what follows from it worked out once.
final class ServerSettings: Sendable {
    let configuration: HTTPServerConfiguration
    let times: ServerTimes

    init(_ configuration: HTTPServerConfiguration) {
        self.configuration = configuration
        times = ServerTimes(configuration)
    }

    /// An IPv4 client is the same one when it comes through a socket of IPv6 (RFC 4291 § 2.5.5.2).
    static func peer(_ address: SocketAddress) -> String {
        let ip = address.ip
        guard ip.hasPrefix("::ffff:"), ip.contains(".") else { return ip }
        return String(ip.dropFirst("::ffff:".count))
    }
}

/// The times of a configuration in nanoseconds: a `Duration` is a number of 128 bits.
struct ServerTimes: Sendable {
    let keepAlive: Int64
    let head: Int64
    let bodyIdle: Int64
    let body: Int64
    let stream: Int64
    let bodyRateGrace: Int64
    let bodyRate: Int64
    let writeIdle: Int64
    let linger: Int64

    init(_ configuration: HTTPServerConfiguration) {
        keepAlive = configuration.keepAliveTime.nanoseconds
        head = configuration.headTime.nanoseconds
        bodyIdle = configuration.bodyIdleTime.nanoseconds
        body = configuration.bodyTime.nanoseconds
        stream = configuration.streamTime.nanoseconds
        bodyRateGrace = configuration.bodyRateGrace.nanoseconds
        bodyRate = Int64(max(1, configuration.bodyRate))
        writeIdle = configuration.writeIdleTime.nanoseconds
        linger = configuration.lingerTime.nanoseconds
    }

    /// A body must move, keep its rate on average, and end.
    func bodyDeadline(since: MonotonicTime, lastProgress: MonotonicTime, received: Int, whole: Int64) -> MonotonicTime {
        let earned = Int64(received) / bodyRate * 1_000_000_000
        return min(
            lastProgress.advanced(by: bodyIdle), since.advanced(by: whole), since.advanced(by: bodyRateGrace + earned))
    }
}

extension MonotonicTime {
    func advanced(by nanoseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: self.nanoseconds &+ nanoseconds)
    }
}
