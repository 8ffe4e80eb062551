import Crypto
import EventLoop
import TestCertificates

@testable import HTTP

/// A TLS server that answers each request with the same bytes, and sends no more than it is allowed to.
@Reactor
final class CuttingServer {
    enum Ending: Sendable, CaseIterable {
        case close, reset, stall
    }

    struct Plan: Sendable {
        /// Bytes of ciphertext in all, the handshake's among them.
        var allowance = Int.max
        /// What is done once they are sent.
        var ending = Ending.stall
        /// One byte a turn of the loop.
        var drips = false
        /// Writes the answer, where that is not to be done in one record.
        var write: (@Sendable (TLSSession, [UInt8]) -> Void)?
    }

    /// What became of one connection.
    struct Account: Sendable {
        /// Of the handshake, as far as the client needs it to be done.
        var flight = 0
        var sent = 0
        /// Plaintext of the client's.
        var received = 0
        /// The whole answer was sent.
        var isComplete = false
    }

    private(set) var accounts: [Account] = []
    private(set) var hungUp = 0
    private let plan: Plan
    private let answer: [UInt8]
    private let closesAfter: Bool
    private let context: TLSServerContext
    private var listener: ListeningSocket?
    private var connections: [CuttingConnection] = []
    private var waiters: [(isMet: () -> Bool, CheckedContinuation<Void, Never>)] = []

    /// - Parameter closesAfter: says the end of the answer by the end of the connection.
    init(_ plan: Plan, answer: String, closesAfter: Bool, context: TLSServerContext) throws {
        self.plan = plan
        self.answer = Array(answer.utf8)
        self.closesAfter = closesAfter
        self.context = context
        listener = try ListeningSocket(on: ScriptedServer.anyPort) { [weak self] fd, _ in self?.take(fd) }
    }

    /// Built of parts that are valid by construction.
    var url: HTTPURL { HTTPURL("https://127.0.0.1:\(listener?.address.port ?? 0)/")! }

    func hungUp(_ count: Int) async { await until { self.hungUp >= count } }

    /// Suspends until the connection's allowance is used up.
    func exhausted() async { await until { self.accounts.first.map { $0.sent >= self.plan.allowance } ?? false } }

    /// Suspends until the first connection has brought more plaintext than that.
    func received(beyond count: Int) async { await until { self.accounts.first.map { $0.received > count } ?? false } }

    func stopReading() {
        for connection in connections { connection.stopReading() }
    }

    func close() {
        listener?.close()
        listener = nil
        for connection in connections { connection.end(.close) }
        connections = []
    }

    private func take(_ fd: Int32) {
        guard let session = try? TLSSession(server: context) else { return Socket.close(fd) }
        let place = accounts.count
        accounts.append(Account())
        let connection = CuttingConnection(fd, session, plan, answer: answer, closesAfter: closesAfter)
        connection.onChange = { [weak self] account, isHungUp in
            guard let self else { return }
            accounts[place] = account
            if isHungUp { hungUp += 1 }
            wakeWaiters()
        }
        connections.append(connection)
        connection.start()
    }

    private func until(_ isMet: @escaping () -> Bool) async {
        guard !isMet() else { return }
        await withCheckedContinuation { waiters.append((isMet, $0)) }
    }

    private func wakeWaiters() {
        let met = waiters.filter { $0.isMet() }
        waiters.removeAll { $0.isMet() }
        for (_, continuation) in met { continuation.resume() }
    }
}

@Reactor
private final class CuttingConnection: ReadinessHandler {
    var onChange: (@Reactor (CuttingServer.Account, _ isHungUp: Bool) -> Void)?

    private let fd: Int32
    private let session: TLSSession
    private let plan: CuttingServer.Plan
    private let answer: [UInt8]
    private let closesAfter: Bool
    private var registration: Registration?
    private var account = CuttingServer.Account()
    private var request: [UInt8] = []
    private var output: [UInt8] = []
    private var isAnswered = false
    private var isDripping = false

    init(_ fd: Int32, _ session: TLSSession, _ plan: CuttingServer.Plan, answer: [UInt8], closesAfter: Bool) {
        self.fd = fd
        self.session = session
        self.plan = plan
        self.answer = answer
        self.closesAfter = closesAfter
        Socket.setNoDelay(fd)
    }

    func start() {
        registration = try? EventLoop.shared.register(fd, .read, self)
        if plan.allowance == 0 { end(plan.ending) }
    }

    func ready(_ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        switch buffer.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
        case .bytes(let count):
            buffer.withUnsafeBytes { session.receive(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            advance()
        case .end, .failed:
            onChange?(account, true)
            end(.close)
        case .wouldBlock: break
        }
    }

    func stopReading() {
        if let registration { EventLoop.shared.update(registration, []) }
    }

    func end(_ ending: CuttingServer.Ending) {
        guard ending != .stall, let registration else { return }
        self.registration = nil
        EventLoop.shared.deregister(registration)
        if ending == .reset { Socket.reset(fd) } else { Socket.close(fd) }
    }

    private func advance() {
        switch session.handshake() {
        case .done: break
        case .wantsMore: return collect(isFlight: true)
        case .failed:
            collect(isFlight: true)
            return end(.close)
        }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while case .bytes(let count) = buffer.withUnsafeMutableBytes({ session.read(into: $0) }) {
            request += buffer[..<count]
            account.received += count
        }
        if !isAnswered, request.suffix(4) == Array("\r\n\r\n".utf8)[...] {
            isAnswered = true
            if let write = plan.write {
                write(session, answer)
            } else {
                _ = answer.withUnsafeBytes { session.write($0) }
            }
            if closesAfter { session.sendCloseNotify() }
        }
        collect(isFlight: false)
    }

    private func collect(isFlight: Bool) {
        let bytes = session.takeOutput()
        if isFlight { account.flight += bytes.count }
        output += bytes
        pump()
    }

    private func pump() {
        let count = min(output.count, plan.allowance - account.sent, plan.drips ? 1 : .max)
        if count > 0 {
            _ = output.withUnsafeBytes { Socket.write(fd, UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            output.removeFirst(count)
            account.sent += count
        }
        account.isComplete = isAnswered && output.isEmpty
        onChange?(account, false)
        if account.isComplete {
            // Told by TLS alone, where the plan is to stall.
            if closesAfter, plan.ending != .stall { end(.close) }
        } else if account.sent == plan.allowance {
            end(plan.ending)
        } else if !output.isEmpty, !isDripping {
            isDripping = true
            EventLoop.shared.schedule(after: .zero) { [weak self] in
                self?.isDripping = false
                self?.pump()
            }
        }
    }
}
