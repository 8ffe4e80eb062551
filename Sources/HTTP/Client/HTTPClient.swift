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
    /// Over all origins.
    package private(set) var idleConnections = 0
    private var sweep: LoopTimer?
    private var isClosed = false

    package init(configuration: HTTPClientConfiguration = HTTPClientConfiguration()) {
        self.configuration = configuration
    }

    /// Cancelling the task that waits closes the request's connection at once.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        try await verdict(of: HTTPClientCall(request, client: self))
    }

    /// The same, for a body that is read as it comes: it returns with the head, and lets no more in than is read.
    /// `maximumResponseBody` and the deadline for all of it hold for the whole body.
    package func open(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientStream {
        let call = HTTPClientCall(request, client: self, streams: true)
        let head = try await verdict(of: call)
        return HTTPClientStream(status: head.status, fields: head.fields, body: HTTPClientBody(call))
    }

    private func verdict(of call: HTTPClientCall) async throws(HTTPClientError) -> HTTPClientResponse {
        guard !isClosed else {
            let origin = call.request.url.origin.description
            throw HTTPClientError(.cancelled, .notSent, origin: origin, detail: "client closed")
        }
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
        idleConnections = 0
    }

    /// Connections that stand or are being made, over all origins.
    package var openConnections: Int { pools.values.reduce(0) { $0 + $1.open } }

    // MARK: What calls ask for

    func place(_ call: HTTPClientCall) {
        calls[ObjectIdentifier(call)] = call
        let origin = call.request.url.origin
        while true {
            switch pools[origin, default: Pool(limit: configuration.connectionsPerOrigin)].lease(for: call) {
            case .reuse(let connection):
                idleConnections -= 1
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
        let origin = connection.origin
        if idleConnections >= configuration.idleConnections, pools[origin]?.waiters.isEmpty != false {
            connection.close()
            return discard(origin)
        }
        if let waiter = pools[origin]?.giveBack(connection, at: .now) {
            // Some servers answer, promise to stay, and leave.
            return connection.isAlive() ? waiter.exchange(on: connection) : connect(waiter)
        }
        idleConnections += 1
        if sweep?.isPending != true { scheduleSweep(after: configuration.idleTime) }
    }

    func discard(_ origin: HTTPURL.Origin) {
        if let waiter = pools[origin]?.discard() { connect(waiter) }
        if pools[origin]?.isUnused == true { pools[origin] = nil }
    }

    private func connect(_ call: HTTPClientCall) {
        let origin = call.request.url.origin
        guard origin.scheme == .https else { return call.connect(configuration, tls: nil) }
        do throws(TLSError) {
            if tls == nil { tls = try TLSClientContext(trust: configuration.trust) }
            call.connect(configuration, tls: tls)
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
        idleConnections -= 1
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
            for connection in pools[origin]?.expire(idleSince: instant) ?? [] {
                idleConnections -= 1
                connection.close()
            }
            if let first = pools[origin]?.idle.first { oldest = min(oldest ?? first.since, first.since) }
            if pools[origin]?.isUnused == true { pools[origin] = nil }
        }
        if let oldest { scheduleSweep(after: oldest + configuration.idleTime - now) }
    }
}
