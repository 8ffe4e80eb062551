import EventLoop

@testable import HTTP

/// A connection's value with the shell played around it, which answers only what it was asked to.
struct ConnectionScene: ~Copyable {
    enum Told: Hashable {
        /// With its body, streamed or not.
        case request(method: HTTPMethod, target: String, body: [UInt8])
        case brokenBody
        case refusal(String)
        case leftEarly
    }

    private enum Answer { case none, due, begun }

    private(set) var told: [Told] = []

    private let settings: ServerSettings
    private var state: ConnectionState
    private var now = MonotonicTime(nanoseconds: 0)
    private var answer = Answer.none

    init(_ settings: ServerSettings) {
        self.settings = settings
        state = ConnectionState(settings, peer: "192.0.2.1", now: now)
    }

    /// Everything comes in, each request is answered at once, and then the input ends.
    mutating func serve(_ pieces: [ArraySlice<UInt8>]) {
        for piece in pieces {
            receive(piece)
            while answer != .none { answerNow() }
        }
        perform(state.inputEnded(now: now, settings))
        while answer != .none { answerNow() }
    }

    mutating func receive(_ piece: ArraySlice<UInt8>) {
        let wasClosed = state.isClosed
        var action = ConnectionState.Action.wait
        piece.withUnsafeBufferPointer { action = state.receive($0, now: now, settings) }
        perform(action)
        guard wasClosed else { return }
        claim(state.isClosed && !state.wantsInput && state.deadline(settings) == nil, "a closed connection lives")
    }

    /// One of the things that can happen to a connection, some time later.
    mutating func happen(_ event: Int, after seconds: Int) {
        let wasClosed = state.isClosed
        now = now + .seconds(seconds)
        switch event {
        case 0, 1: perform(state.timedOut(unacknowledged: event * 500, now: now, settings))
        case 2: perform(state.inputEnded(now: now, settings))
        case 3: perform(state.drain())
        case 4: perform(state.abandon(now: now))
        case 5: perform(state.connectionLost())
        case 6 where answer == .begun:
            answer = .none
            perform(state.responseFailed())
        case 7 where answer == .begun:
            state.wrote(1000, unacknowledged: seconds.isMultiple(of: 2) ? nil : 800, now: now)
        case 8: _ = state.readUpload(now: now)
        default: if answer != .none { answerNow() }
        }
        claim(!wasClosed || state.isClosed, "a closed connection opens")
    }

    /// One step of an answer.
    private mutating func answerNow() {
        switch answer {
        case .none: return
        case .due:
            readBody()
            guard answer == .due else { return }
            _ = state.beginResponse(asksForClose: false, now: now, settings)
            answer = .begun
        case .begun:
            answer = .none
            perform(state.responseEnded(now: now, settings))
        }
    }

    /// What has come of a streamed body, as its handler would take it.
    private mutating func readBody() {
        guard state.hasUpload else { return }
        while true {
            switch state.readUpload(now: now) {
            case .bytes(let bytes): add(bytes)
            case .end, .pending: return
            case .broken: return told.append(.brokenBody)
            }
        }
    }

    private mutating func add(_ bytes: [UInt8]) {
        guard case .request(let method, let target, let body)? = told.last else { return }
        told[told.count - 1] = .request(method: method, target: target, body: body + bytes)
    }

    private mutating func perform(_ action: consuming ConnectionState.Action) {
        switch consume action {
        case .wait: break
        case .sendContinue: break
        case .handle(let request):
            claim(answer == .none, "a second request while one is unanswered")
            told.append(.request(method: request.method, target: request.target, body: request.body))
            answer = .due
        case .refuse(let fault):
            told.append(.refusal(fault.code))
            // It takes the place of an answer that was due.
            claim(answer != .begun, "a refusal in the midst of an answer")
            answer = .due
        case .shutDownWrite: claim(answer == .none, "the end before the answer")
        case .close: leave()
        case .reset: leave()
        }
    }

    private mutating func leave() {
        claim(state.isClosed, "closed without being so")
        if answer != .none { told.append(.leftEarly) }
        answer = .none
    }
}
