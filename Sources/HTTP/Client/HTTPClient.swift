import Crypto
package import EventLoop

/// Sends HTTP/1.1 requests over kept connections, one pool an origin.
///
/// It follows no redirects, decodes no content codings, keeps no cookies, and never sends a request twice by itself
/// unless not one byte of it went out; GET and HEAD may go out once more when a kept connection turns out to be dead.
/// `close` it before letting go of it: the loop holds its idle connections.
@Reactor
package final class HTTPClient {
    private typealias Pool = HTTPOriginPool<HTTPClientConnection, HTTPClientCall>

    private let configuration: HTTPClientConfiguration
    /// Made with the first `https` request: the system's authorities take time to read.
    private var tls: TLSClientContext?
    private var pools: [HTTPURL.Origin: Pool] = [:]
    private var calls: [ObjectIdentifier: HTTPClientCall] = [:]
    private var sweep: LoopTimer?
    private var isClosed = false

    package init(configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.configuration = configuration
    }

    /// Cancelling the task that waits closes the request's connection at once.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        guard !isClosed else {
            throw HTTPClientError(.cancelled, .notSent, origin: request.url.origin.description, detail: "client closed")
        }
        let call = HTTPClientCall(request, client: self)
        let verdict = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in call.run(continuation) }
        } onCancel: {
            spawn { call.cancel() }
        }
        return try verdict.get()
    }

    /// Ends every request in flight and closes every connection.
    package func close() {
        isClosed = true
        for call in Array(calls.values) { call.cancel() }
        sweep?.cancel()
        for pool in pools.values { for entry in pool.idle { entry.connection.close() } }
        pools = [:]
    }

    /// Connections that stand or are being made, over all origins.
    package var openConnections: Int { pools.values.reduce(0) { $0 + $1.open } }
    package var idleConnections: Int { pools.values.reduce(0) { $0 + $1.idle.count } }

    // MARK: What calls ask for

    func place(_ call: HTTPClientCall) {
        calls[ObjectIdentifier(call)] = call
        let origin = call.request.url.origin
        while true {
            switch pools[origin, default: Pool(limit: configuration.connectionsPerOrigin)].lease(for: call) {
            case .reuse(let connection):
                // Its place passes to the next try: the pool never wakes a waiter here, for none waits while one idles.
                guard connection.isAlive() else {
                    discard(origin)
                    continue
                }
                return call.exchange(on: connection)
            case .connect: return connect(call)
            case .wait: return call.wait()
            }
        }
    }

    func adopt(
        _ transport: any ByteTransport, of origin: HTTPURL.Origin
    ) throws(SystemError) -> HTTPClientConnection {
        let connection = try HTTPClientConnection(origin: origin, transport: transport)
        connection.onIdleEnd = { [weak self] connection in self?.idleEnded(connection) }
        return connection
    }

    func giveBack(_ connection: HTTPClientConnection) {
        guard !isClosed else { return connection.close() }
        let waiter = pools[connection.origin]?.giveBack(connection, at: .now)
        if let waiter {
            // Some servers answer, promise to stay, and leave.
            return connection.isAlive()
                ? waiter.exchange(on: connection) : connect(waiter)
        }
        if sweep?.isPending != true { scheduleSweep(after: configuration.idleTime) }
    }

    func discard(_ origin: HTTPURL.Origin) {
        if let waiter = pools[origin]?.discard() { connect(waiter) }
        if pools[origin]?.isUnused == true { pools[origin] = nil }
    }

    private func connect(_ call: HTTPClientCall) {
        let origin = call.request.url.origin
        guard origin.scheme == .https else { return call.connect(judge: configuration.addressJudge, tls: nil) }
        do throws(TLSError) {
            if tls == nil { tls = try TLSClientContext(trust: configuration.trust) }
            call.connect(judge: configuration.addressJudge, tls: tls)
        } catch {
            let detail = error.description
            call.refuse(
                HTTPClientError(.tlsConfiguration, .notSent, origin: origin.description, detail: detail))
        }
    }

    func leave(_ call: HTTPClientCall) { pools[call.request.url.origin]?.removeWaiter(call) }

    func forget(_ call: HTTPClientCall) { calls[ObjectIdentifier(call)] = nil }

    // MARK: Idle connections

    private func idleEnded(_ connection: HTTPClientConnection) {
        guard pools[connection.origin]?.removeIdle(connection) == true else { return }
        if pools[connection.origin]?.isUnused == true { pools[connection.origin] = nil }
    }

    private func scheduleSweep(after delay: Duration) {
        sweep = EventLoop.shared.schedule(after: delay) { [weak self] in self?.closeExpired() }
    }

    private func closeExpired() {
        let now = MonotonicTime.now
        let instant = MonotonicTime(nanoseconds: now.nanoseconds - configuration.idleTime.nanoseconds)
        var oldest: MonotonicTime?
        for origin in Array(pools.keys) {
            for connection in pools[origin]?.expire(idleSince: instant) ?? [] { connection.close() }
            if let first = pools[origin]?.idle.first { oldest = min(oldest ?? first.since, first.since) }
            if pools[origin]?.isUnused == true { pools[origin] = nil }
        }
        if let oldest { scheduleSweep(after: oldest + configuration.idleTime - now) }
    }
}
