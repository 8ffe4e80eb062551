import Crypto
import EventLoop

/// One request from `send` to its verdict: the stages it goes through, and its deadlines.
@Reactor
final class HTTPClientCall {
    typealias Verdict = Result<HTTPClientResponse, HTTPClientError>

    private enum Stage {
        /// Can transition to: waiting, connecting, exchanging, finished.
        case initial
        /// For a place in the pool. Can transition to: connecting, exchanging, finished.
        case waiting(ticket: Int)
        /// Can transition to: exchanging, finished.
        case connecting(HTTPConnector)
        /// Can transition to: finished, or initial for the one repetition of a safe request.
        case exchanging(HTTPClientConnection)
        case finished
    }

    let request: HTTPClientRequest
    /// Where the body goes that is read as it comes; the verdict then comes with the head.
    let download: HTTPClientDownload?
    /// Set by the client while the call is in flight: its place among the calls, and its origin's pool.
    var index: Int?
    var site: HTTPOriginSite?
    private let client: HTTPClient
    private var stage = Stage.initial
    private var continuation: UnsafeContinuation<Verdict, Never>?
    private var wasRepeated = false
    /// The connection of the exchange had served a request before.
    private var isReused = false
    private let totalDeadline: MonotonicTime
    private var stageDeadline: MonotonicTime
    private var stageTimeout = HTTPClientError.Code.poolExhausted
    /// Until there is a connection, which has a timer of its own.
    private var timer: LoopTimer?

    init(_ request: HTTPClientRequest, client: HTTPClient, streams: Bool = false) {
        self.request = request
        download = streams ? HTTPClientDownload() : nil
        self.client = client
        let now = MonotonicTime.now
        totalDeadline = now + request.deadlines.total
        stageDeadline = now + request.deadlines.connect
    }

    func run(_ continuation: UnsafeContinuation<Verdict, Never>) {
        self.continuation = continuation
        // Cancelled before it began.
        if case .finished = stage { return resume(.failure(error(.cancelled, .notSent))) }
        client.place(self)
    }

    // MARK: What the client tells

    func wait(_ ticket: Int) {
        stage = .waiting(ticket: ticket)
        arm()
    }

    func connect(_ configuration: HTTPClientConfiguration, tls: TLSClientContext?) {
        let connector = HTTPConnector(
            origin: request.url.origin, configuration: configuration, tls: tls, deadline: stageDeadline
        ) { outcome in
            self.connected(outcome)
        }
        stage = .connecting(connector)
        stageTimeout = .connectTimeout
        arm()
        connector.start()
    }

    func exchange(on connection: HTTPClientConnection) {
        stage = .exchanging(connection)
        stageTimeout = .firstByteTimeout
        stageDeadline = .now + request.deadlines.firstByte
        timer?.cancel()
        timer = nil
        arm()
        isReused = connection.isUsed
        connection.exchange(self)
    }

    // MARK: What the connection tells

    /// A byte of the response came.
    func hasBegun() { stageDeadline = totalDeadline }

    /// Of a body that is read as it comes: the head is there, and perhaps more of the body than before.
    func take(from connection: HTTPClientConnection) {
        guard let download, let start = connection.start else { return }
        // The reader has been served: how long it now takes is its own affair, within the whole.
        if download.receive(connection.takeBody()) { stageDeadline = totalDeadline }
        if !download.wantsInput { connection.pause() }
        continuation?.resume(returning: .success(start))
        continuation = nil
    }

    func ended(_ ending: HTTPClientConnection.Ending, _ connection: HTTPClientConnection) {
        switch ending {
        case .response(let response, let reusable):
            finish()
            // Before the verdict, so that a caller who sends again at once finds the connection.
            if reusable { client.giveBack(connection) } else { client.discard(connection.site) }
            resume(.success(response))
        case .failure(let code, let certainty, let detail, let hasBegun):
            let ended = code == .closedEarly || code == .reset
            let wasWritten = certainty != .notSent
            if isReused, ended, !hasBegun, !wasWritten || (request.isSafeToRepeat && !wasRepeated) {
                return repeatElsewhere(wasWritten: wasWritten)
            }
            settle(.failure(error(code, certainty, detail)), freesPlace: true)
        }
    }

    /// The timer has fired that was to, or one that was meant for a call before.
    func timerFired() {
        let now = MonotonicTime.now
        // On a busy loop both may have passed: the one that passed first is the reason.
        guard now >= min(stageDeadline, totalDeadline) else { return arm() }
        abandon(stageDeadline < totalDeadline ? stageTimeout : .totalTimeout)
    }

    // MARK: What the caller tells

    func cancel() { abandon(.cancelled) }

    /// A reader has taken what there was of the body, and waits for more of it.
    func awaitMore() {
        guard case .exchanging(let connection) = stage else { return }
        stageTimeout = .bodyTimeout
        stageDeadline = .now + request.deadlines.firstByte
        arm()
        connection.resume()
    }

    /// No connection can be made; the place in the pool is given back.
    func refuse(_ error: HTTPClientError) { settle(.failure(error), freesPlace: true) }

    // MARK: Stages

    private func connected(_ outcome: HTTPConnector.Outcome) {
        guard case .connecting = stage else { return }
        switch outcome {
        case .failure(let error): settle(.failure(error), freesPlace: true)
        case .success(let transport):
            do throws(SystemError) {
                exchange(on: try client.adopt(transport, of: request.url.origin))
            } catch {
                transport.close()
                settle(.failure(self.error(.connect, .notSent, error.description)), freesPlace: true)
            }
        }
    }

    /// The server closed a kept connection. What nobody saw, or may be seen twice, goes over another.
    private func repeatElsewhere(wasWritten: Bool) {
        wasRepeated = wasRepeated || wasWritten
        stage = .initial
        stageTimeout = .poolExhausted
        stageDeadline = .now + request.deadlines.connect
        if let site { client.discard(site) }
        client.place(self, isRepetition: true)
    }

    private func abandon(_ code: HTTPClientError.Code) {
        switch stage {
        case .initial: finish()
        case .finished: break
        case .waiting(let ticket):
            site?.pool.leave(ticket)
            settle(.failure(error(code, .notSent)), freesPlace: false)
        case .connecting(let connector):
            connector.cancel()
            settle(.failure(error(code, .notSent)), freesPlace: true)
        case .exchanging(let connection):
            let certainty: HTTPClientError.Certainty = connection.wasWritten ? .unknown : .notSent
            connection.close()
            settle(.failure(error(code, certainty)), freesPlace: true)
        }
    }

    private func settle(_ verdict: Verdict, freesPlace: Bool) {
        finish()
        if freesPlace, let site { client.discard(site) }
        resume(verdict)
    }

    private func finish() {
        stage = .finished
        timer?.cancel()
        timer = nil
    }

    private func resume(_ verdict: Verdict) {
        let continuation = continuation
        self.continuation = nil
        client.forget(self)
        var verdict = verdict
        if let download { verdict = download.end(verdict) }
        continuation?.resume(returning: verdict)
    }

    private func error(
        _ code: HTTPClientError.Code, _ certainty: HTTPClientError.Certainty, _ detail: String? = nil
    ) -> HTTPClientError {
        HTTPClientError(code, certainty, origin: request.url.origin.description, detail: detail)
    }

    // MARK: Deadlines

    /// One timer for all stages: it is left alone while it fires no later than the nearest deadline, and looks again
    /// when it fires.
    private func arm() {
        let due = min(stageDeadline, totalDeadline)
        if case .exchanging(let connection) = stage { return connection.fireTimer(by: due) }
        if let timer, timer.isPending, timer.deadline <= due { return }
        timer?.cancel()
        timer = EventLoop.shared.schedule(at: due) { self.timerFired() }
    }
}
