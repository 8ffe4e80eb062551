import Crypto
import EventLoop

/// Makes one connection: resolves the name, has each address judged, and tries them in turn.
@Reactor
final class HTTPConnector: ReadinessHandler {
    typealias Outcome = Result<any ByteTransport, HTTPClientError>

    private let origin: HTTPURL.Origin
    private let proxy: HTTPProxy?
    private let configuration: HTTPClientConfiguration
    private let tls: TLSClientContext?
    private let deadline: MonotonicTime
    private var completion: (@Reactor (Outcome) -> Void)?
    private var resolution: Task<Void, Never>?
    private var addresses: ArraySlice<SocketAddress> = []
    private var transport: (any ByteTransport)?
    private var registration: Registration?
    private var timer: LoopTimer?
    private var lastFailure = (code: HTTPClientError.Code.connect, words: "no address")
    private var isStarting = false

    /// - Parameters:
    ///   - tls: given for `https` origins.
    ///   - deadline: shared out among the addresses; the caller watches over the whole of it.
    init(
        origin: HTTPURL.Origin, configuration: HTTPClientConfiguration, tls: TLSClientContext?,
        deadline: MonotonicTime,
        completion: @escaping @Reactor (Outcome) -> Void
    ) {
        self.origin = origin
        self.configuration = configuration
        let proxy = configuration.addressJudge == nil ? configuration.proxy : nil
        self.proxy = proxy?.serves(origin) == true ? proxy : nil
        self.tls = tls
        self.deadline = deadline
        self.completion = completion
    }

    /// Whose name is looked up here.
    private var nearest: HTTPURL.Origin { proxy?.origin ?? origin }

    func start() {
        isStarting = true
        defer { isStarting = false }
        if let address = SocketAddress(ip: nearest.host, port: nearest.port) { return begin([address]) }
        resolution = spawn { await self.resolve() }
    }

    /// Drops everything at once; the completion is not called.
    func cancel() {
        completion = nil
        resolution?.cancel()
        abandonCurrent()
    }

    func ready(_ readiness: Readiness) {
        guard let transport, let registration else { return }
        switch transport.establish() {
        case .waits(let interest): EventLoop.shared.update(registration, interest)
        case .failed(let words):
            lastFailure = (.connect, words)
            tryNext()
        case .refused(let error) where error.isOfCertificate:
            // No other address may make up for it: one that is not to be trusted has answered to the name.
            abandonCurrent()
            fail(.tlsCertificate, error.description)
        case .refused(let error):
            lastFailure = (.tlsHandshake, error.description)
            tryNext()
        case .done:
            EventLoop.shared.deregister(registration)
            self.registration = nil
            self.transport = nil
            timer?.cancel()
            complete(.success(transport))
        }
    }

    private func resolve() async {
        do {
            begin(try await lookUp())
        } catch {
            fail(.resolve, (error as? ResolveError)?.description)
        }
    }

    private func lookUp() async throws -> [SocketAddress] {
        if let resolve = configuration.resolve { return try await resolve(nearest.host, nearest.port) }
        // Where addresses are judged, strangers chose the names.
        return try await Resolver.resolve(
            nearest.host, port: nearest.port, on: configuration.addressJudge == nil ? .blocking : .strangersNames)
    }

    private func begin(_ found: [SocketAddress]) {
        guard completion != nil else { return }
        guard !found.isEmpty else { return fail(.resolve, "no address") }
        addresses = found.filter { configuration.addressJudge?($0) ?? true }[...]
        guard !addresses.isEmpty else { return fail(.addressRefused) }
        tryNext()
    }

    private func tryNext() {
        abandonCurrent()
        while let address = addresses.popFirst() {
            do {
                let transport = try makeTransport(to: address)
                self.transport = transport
                registration = try EventLoop.shared.register(transport.fd, .write, self)
            } catch {
                lastFailure = (.connect, String(describing: error))
                abandonCurrent()
                continue
            }
            // An address that drops packets must leave time for those after it.
            if !addresses.isEmpty {
                let share = (deadline - .now) / (addresses.count + 1)
                timer = EventLoop.shared.schedule(after: share) { [weak self] in self?.tryNext() }
            }
            return
        }
        fail(lastFailure.code, lastFailure.words)
    }

    private func makeTransport(to address: SocketAddress) throws -> any ByteTransport {
        // Made first, so that no socket is left behind when the library refuses.
        let session = try tls.map { try TLSSession(client: $0, host: origin.host, port: origin.port) }
        let socket = try SocketTransport(connectingTo: address)
        if let proxy { return TunnelTransport(over: socket, asking: proxy.request(to: origin), session: session) }
        return session.map { TLSTransport(over: socket, session: $0, isConnected: false) } ?? socket
    }

    private func abandonCurrent() {
        timer?.cancel()
        timer = nil
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
        transport?.close()
        transport = nil
    }

    private func fail(_ code: HTTPClientError.Code, _ detail: String? = nil) {
        complete(.failure(HTTPClientError(code, .notSent, origin: origin.description, detail: detail)))
    }

    private func complete(_ outcome: Outcome) {
        // Never from within `start`: of thousands of callers that wait for a place, each failure would start the next.
        guard !isStarting else { return EventLoop.shared.atEndOfTurn { self.complete(outcome) } }
        let completion = completion
        self.completion = nil
        completion?(outcome)
    }
}
