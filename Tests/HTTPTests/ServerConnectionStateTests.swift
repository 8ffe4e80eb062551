import EventLoop
import Testing

@testable import HTTP

/// A connection's decisions, told as a trace, on a clock that the test moves.
final class StateTrace {
    private let settings: ServerSettings
    var now = MonotonicTime(nanoseconds: 0)
    var unacknowledged = 0
    private var state: ConnectionState

    init(_ configure: (inout HTTPServerConfiguration) -> Void = { _ in }) {
        var configuration = HTTPServerConfiguration()
        configure(&configuration)
        settings = ServerSettings(configuration)
        state = ConnectionState(settings, peer: "192.0.2.1", now: now)
    }

    /// Seconds from now to the deadline.
    var patience: Double? {
        state.deadline(settings).map { Double(($0 - now).nanoseconds) / 1e9 }
    }

    var wantsInput: Bool { state.wantsInput }

    func pass(seconds: Double) { now = now + .seconds(seconds) }

    func receive(_ text: String) -> String {
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { describe(state.receive($0, now: now, settings)) }
    }

    func respond(asksForClose: Bool = false) -> String {
        let context = state.beginResponse(asksForClose: asksForClose, now: now, settings)
        let next = describe(state.responseEnded(now: now, settings))
        return (context.keepsAlive ? "kept, " : "last, ") + next
    }

    func beginResponse(blocked: Bool) {
        _ = state.beginResponse(asksForClose: false, now: now, settings)
        write(1_000_000, held: blocked ? 1_000_000 : nil)
    }

    /// The socket takes so much, and the peer has not acknowledged what it holds.
    func write(_ count: Int, held: Int?) {
        unacknowledged = held ?? 0
        state.wrote(count, unacknowledged: held, now: now)
    }

    func endInput() -> String { describe(state.inputEnded(now: now, settings)) }
    func timeOut() -> String { describe(state.timedOut(unacknowledged: unacknowledged, now: now, settings)) }
    func drain() -> String { describe(state.drain()) }
    func abandon() -> String { describe(state.abandon(now: now)) }

    private func describe(_ action: consuming ConnectionState.Action) -> String {
        switch consume action {
        case .wait: "wait"
        case .handle(let request): "handle \(request.path) \(String(decoding: request.body, as: UTF8.self))|"
        case .sendContinue: "continue"
        case .refuse(let fault): "refuse \(fault.code)"
        case .shutDownWrite: "linger"
        case .close: "close"
        case .reset: "reset"
        }
    }
}

@Suite struct ServerConnectionStateTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let post = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"

    @Test func `an exchange, and the next`() {
        let trace = StateTrace()
        #expect(trace.receive(Self.get) == "handle /a |")
        #expect(trace.respond() == "kept, wait")
        #expect(trace.receive(Self.post + "da") == "wait")
        #expect(trace.receive("ta") == "handle /p data|")
        #expect(trace.respond() == "kept, wait")
    }

    @Test func `what is sent ahead waits its turn`() {
        let trace = StateTrace()
        #expect(trace.receive(Self.get + Self.post) == "handle /a |")
        #expect(trace.receive("data" + Self.get.dropLast()) == "wait")
        #expect(trace.respond() == "kept, handle /p data|")
        #expect(trace.respond() == "kept, wait")
        #expect(trace.receive("\r\n") == "handle /a |")
    }

    @Test func `more than enough sent ahead stops the reading`() {
        let trace = StateTrace()
        #expect(trace.receive(Self.get) == "handle /a |")
        #expect(trace.wantsInput)
        #expect(trace.receive(String(repeating: "x", count: 16 * 1024)) == "wait")
        #expect(!trace.wantsInput)
    }

    @Test func `the time for a head counts from its first octet and no octet prolongs it`() {
        let trace = StateTrace { $0.headTime = .seconds(10) }
        trace.pass(seconds: 50)
        #expect(trace.receive("GET") == "wait")
        #expect(trace.patience == 10)
        trace.pass(seconds: 6)
        #expect(trace.receive(" /a HTTP/1.1\r\nHost:") == "wait")
        #expect(trace.patience == 4)
        #expect(trace.timeOut() == "wait")
        trace.pass(seconds: 4)
        #expect(trace.timeOut() == "refuse request_head_timeout")
    }

    @Test func `empty lines between requests begin no head`() {
        let trace = StateTrace { $0.keepAliveTime = .seconds(65) }
        #expect(trace.receive(Self.get) == "handle /a |")
        #expect(trace.respond() == "kept, wait")
        trace.pass(seconds: 5)
        #expect(trace.receive("\r\n") == "wait")
        #expect(trace.patience == 60)
    }

    @Test func `before the first request there is the time for a head, between two that for keeping alive`() {
        let trace = StateTrace {
            $0.headTime = .seconds(10)
            $0.keepAliveTime = .seconds(65)
        }
        #expect(trace.patience == 10)
        #expect(trace.receive("\r\n") == "wait")
        #expect(trace.patience == 10)
        trace.pass(seconds: 4)
        #expect(trace.receive(Self.get) == "handle /a |")
        #expect(trace.respond() == "kept, wait")
        #expect(trace.patience == 65)
        let silent = StateTrace { $0.headTime = .seconds(10) }
        silent.pass(seconds: 10)
        #expect(silent.timeOut() == "close")
    }

    @Test func `a body must move, keep its rate, and end in time`() {
        let configure = { (configuration: inout HTTPServerConfiguration) in
            configuration.bodyIdleTime = .seconds(30)
            configuration.bodyTime = .seconds(60)
            configuration.bodyRate = 100
            configuration.bodyRateGrace = .seconds(5)
        }
        let head = "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
        let slow = StateTrace(configure)
        #expect(slow.receive(head) == "wait")
        #expect(slow.patience == 5)
        #expect(slow.receive(String(repeating: "x", count: 1_000)) == "wait")
        #expect(slow.patience == 15)
        #expect(slow.receive(String(repeating: "x", count: 3_000)) == "wait")
        #expect(slow.patience == 30)
        for _ in 0..<3 {
            slow.pass(seconds: 16)
            #expect(slow.receive(String(repeating: "x", count: 3_000)) == "wait")
        }
        #expect(slow.patience == 12)
        slow.pass(seconds: 12)
        #expect(slow.timeOut() == "refuse request_body_timeout")
    }

    @Test func `a handler may take its time; a reader may not`() {
        let trace = StateTrace { $0.writeIdleTime = .seconds(30) }
        #expect(trace.receive(Self.get) == "handle /a |")
        #expect(trace.patience == nil)
        trace.beginResponse(blocked: true)
        #expect(trace.patience == 30)
        trace.pass(seconds: 29)
        trace.write(1_000, held: 1_000_000)
        #expect(trace.patience == 1)
        trace.pass(seconds: 1)
        #expect(trace.timeOut() == "reset")
    }

    @Test func `a reader is judged by what it has acknowledged in each stretch of time`() {
        let trace = StateTrace {
            $0.writeIdleTime = .seconds(10)
            $0.writeRate = 100
        }
        #expect(trace.receive(Self.get) == "handle /a |")
        trace.beginResponse(blocked: true)
        trace.pass(seconds: 10)
        trace.unacknowledged = 999_000
        #expect(trace.timeOut() == "wait")
        #expect(trace.patience == 10)
        trace.pass(seconds: 10)
        trace.unacknowledged = 998_001
        #expect(trace.timeOut() == "reset")
    }

    @Test func `after the last answer input is thrown away for a while`() {
        let trace = StateTrace { $0.lingerBytes = 100 }
        #expect(trace.receive(Self.get + Self.get) == "handle /a |")
        #expect(trace.respond(asksForClose: true) == "last, linger")
        #expect(trace.patience == 2)
        #expect(trace.receive(String(repeating: "x", count: 100)) == "wait")
        #expect(trace.receive("x") == "close")
    }

    @Test func `a peer that ends its input within a request is left`() {
        let trace = StateTrace()
        #expect(trace.receive(Self.post + "da") == "wait")
        #expect(trace.endInput() == "close")
    }

    @Test func `a peer that ends its input after its requests gets all answers`() {
        let trace = StateTrace()
        #expect(trace.receive(Self.get + Self.post + "data") == "handle /a |")
        #expect(trace.endInput() == "wait")
        #expect(!trace.wantsInput)
        #expect(trace.respond() == "kept, handle /p data|")
        #expect(trace.respond() == "last, close")
    }

    @Test func `a peer that ends its input in the midst of what it sent ahead is left after the answer`() {
        let trace = StateTrace()
        #expect(trace.receive(Self.get + Self.post + "da") == "handle /a |")
        #expect(trace.endInput() == "wait")
        #expect(trace.respond() == "kept, close")
    }

    @Test func `draining closes what is idle and says so to what is not`() {
        let idle = StateTrace()
        #expect(idle.drain() == "close")
        let busy = StateTrace()
        #expect(busy.receive(Self.get) == "handle /a |")
        #expect(busy.drain() == "wait")
        #expect(busy.respond() == "last, linger")
        let arriving = StateTrace()
        #expect(arriving.receive("GET /a HTTP/1.1\r\n") == "wait")
        #expect(arriving.drain() == "wait")
        #expect(arriving.abandon() == "refuse draining")
        let stuck = StateTrace()
        #expect(stuck.receive(Self.get) == "handle /a |")
        #expect(stuck.abandon() == "reset")
    }

    @Test func `leave to continue is asked for only while the body is awaited`() {
        let head = "PUT /p HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        let waiting = StateTrace()
        #expect(waiting.receive(head) == "continue")
        #expect(waiting.receive("hi") == "handle /p hi|")
        let eager = StateTrace()
        #expect(eager.receive(head + "h") == "wait")
        let large = StateTrace { $0.maximumBodySize = { _ in 1 } }
        #expect(large.receive(head) == "refuse content_too_large")
    }
}
