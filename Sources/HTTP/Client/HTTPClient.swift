import Crypto
package import EventLoop

/// Sends HTTP/1.1 requests over kept connections, one pool an origin.
///
/// It follows no redirects, decodes no content codings, keeps no cookies, and never sends a request twice by itself
/// unless not one byte of it went out; GET and HEAD may go out once more when a kept connection turns out to be dead.
/// `close` it before letting go of it: the loop holds its idle connections.
@Reactor
package final class HTTPClient {
    private let configuration: HTTPClientConfiguration
    /// Made with the first `https` request: the system's authorities take time to read.
    private var tls: TLSClientContext?
    private var sites: [HTTPURL.Origin: HTTPOriginSite] = [:]
    /// The one asked for last, which is mostly the one asked for next.
    private var latest: HTTPOriginSite?
    /// In flight, each of which knows its index.
    private var calls: [HTTPClientCall] = []
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
            // Unchecked, for the checks cost an allocation; the call lets go of it as it resumes it.
            await withUnsafeContinuation { continuation in call.run(continuation) }
        } onCancel: {
            spawn { call.cancel() }
        }
        return try verdict.get()
    }

    /// Ends every request in flight and closes every connection.
    package func close() {
        isClosed = true
        for call in calls { call.cancel() }
        sweep?.cancel()
        for site in sites.values { for entry in site.pool.idle { entry.connection.close() } }
        sites = [:]
        latest = nil
        idleConnections = 0
    }

    /// Connections that stand or are being made, over all origins.
    package var openConnections: Int { sites.values.reduce(0) { $0 + $1.pool.open } }

    // MARK: What calls ask for

    /// - Parameter isRepetition: the call was placed before, in this very turn of the loop.
    func place(_ call: HTTPClientCall, isRepetition: Bool = false) {
        if !isRepetition {
            call.index = calls.count
            calls.append(call)
        }
        let site = site(of: call.request.url.origin)
        call.site = site
        while true {
            switch site.pool.lease(for: call) {
            case .reuse(let connection):
                idleConnections -= 1
                // Its place passes to the next try: the pool never wakes a waiter here, for none waits while one idles.
                guard connection.isAlive(looksAnew: isRepetition) else {
                    _ = site.pool.discard()
                    continue
                }
                return call.exchange(on: connection)
            case .connect: return connect(call)
            case .wait(let ticket): return call.wait(ticket)
            }
        }
    }

    private func site(of origin: HTTPURL.Origin) -> HTTPOriginSite {
        if let latest, latest.origin == origin { return latest }
        let site = sites[origin] ?? HTTPOriginSite(origin, limit: configuration.connectionsPerOrigin)
        sites[origin] = site
        latest = site
        return site
    }

    private func forgetIfUnused(_ site: HTTPOriginSite) {
        guard site.pool.isUnused else { return }
        if latest === site { latest = nil }
        // After `close`, another may have its name.
        if sites[site.origin] === site { sites[site.origin] = nil }
    }

    func adopt(
        _ transport: any ByteTransport, of origin: HTTPURL.Origin
    ) throws(SystemError) -> HTTPClientConnection {
        let connection = try HTTPClientConnection(site: site(of: origin), transport: transport)
        connection.onIdleEnd = { [weak self] connection in self?.idleEnded(connection) }
        return connection
    }

    func giveBack(_ connection: HTTPClientConnection) {
        guard !isClosed else { return connection.close() }
        let site = connection.site
        if idleConnections >= configuration.idleConnections, !site.pool.isAwaited {
            connection.close()
            return discard(site)
        }
        let now = MonotonicTime.now
        connection.restsSince = now
        if let waiter = site.pool.giveBack(connection, at: now) {
            // Some servers answer, promise to stay, and leave.
            return connection.isAlive() ? waiter.exchange(on: connection) : connect(waiter)
        }
        idleConnections += 1
        if sweep?.isPending != true { scheduleSweep(after: configuration.idleTime) }
    }

    func discard(_ site: HTTPOriginSite) {
        if let waiter = site.pool.discard() { connect(waiter) }
        forgetIfUnused(site)
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

    func forget(_ call: HTTPClientCall) {
        guard let index = call.index else { return }
        call.index = nil
        let last = calls.removeLast()
        guard last !== call else { return }
        calls[index] = last
        last.index = index
    }

    // MARK: Idle connections

    private func idleEnded(_ connection: HTTPClientConnection) {
        guard connection.site.pool.removeIdle(connection) else { return }
        idleConnections -= 1
        forgetIfUnused(connection.site)
    }

    private func scheduleSweep(after delay: Duration) {
        sweep = EventLoop.shared.schedule(after: delay) { [weak self] in self?.closeExpired() }
    }

    private func closeExpired() {
        let now = MonotonicTime.now
        let instant = MonotonicTime(nanoseconds: now.nanoseconds - configuration.idleTime.nanoseconds)
        var oldest: MonotonicTime?
        for site in Array(sites.values) {
            for connection in site.pool.expire(idleSince: instant) {
                idleConnections -= 1
                connection.close()
            }
            if let first = site.pool.idle.first { oldest = min(oldest ?? first.since, first.since) }
            forgetIfUnused(site)
        }
        if let oldest { scheduleSweep(after: oldest + configuration.idleTime - now) }
    }
}
