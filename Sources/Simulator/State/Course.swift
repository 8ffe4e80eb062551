import HTTP

/// What becomes of a valid message, decided before anything happens.
enum Course: Sendable, Equatable {
    /// Told in the provider's own words for this behaviour.
    case refused(MagicNumber)
    case resetUnseen
    case unreadableError
    case taken(Arrival, Manner)

    enum Arrival: Sendable, Equatable {
        case arrives
        /// The recipient never gets it; no `delivered` follows.
        case lost
        /// A `failed` status follows.
        case failsLater
    }

    /// How an accepted message is answered.
    enum Manner: Sendable, Equatable {
        case plainly, late, silently, byReset, nonsense, withoutID, byHalf, inRawShape
    }

    /// - Parameter refusals: how often this behaviour has already refused a message to this recipient.
    init(_ behaviour: MagicNumber?, after refusals: Int, provider: SimulatedProvider) {
        switch behaviour {
        case .undeliverable, .windowClosed, .badToken: self = .refused(behaviour ?? .undeliverable)
        case .throughput, .unavailableOnce, .pairRateOnce:
            guard let behaviour, let limit = behaviour.refusals, refusals < limit else {
                self = .taken(.arrives, .plainly)
                return
            }
            self = .refused(behaviour)
        case .notOnWhatsapp: self = provider == .waha ? .taken(.lost, .plainly) : .refused(.notOnWhatsapp)
        case .resetsUnseen: self = .resetUnseen
        case .unreadableError: self = .unreadableError
        case .slow: self = .taken(.arrives, .late)
        case .stalls: self = .taken(.arrives, .silently)
        case .losesAnswer: self = .taken(.arrives, .byReset)
        case .nonsense: self = .taken(.arrives, .nonsense)
        case .withoutID: self = .taken(.arrives, .withoutID)
        case .halfAnswer: self = .taken(.arrives, .byHalf)
        case .failsLater: self = .taken(.failsLater, .plainly)
        case .rawShape: self = .taken(.arrives, .inRawShape)
        case .olderAccount, nil: self = .taken(.arrives, .plainly)
        }
    }
}

extension Course.Manner {
    /// - Parameter withoutID: the answer of a provider that forgot to name the message.
    func answer(_ reply: Reply, withoutID: Reply, pace: SimulatedPace) -> Answer {
        switch self {
        case .plainly, .inRawShape: .reply(reply)
        case .late: .later(pace.delay, .reply(reply))
        case .silently: .silence(pace.stall)
        case .byReset: .reset
        case .nonsense: .reply(Reply(reply.status, contentType: "application/json", body: Array("{ok: yes,".utf8)))
        case .withoutID: .reply(withoutID)
        case .byHalf: .half(reply)
        }
    }
}

extension Reply {
    /// What a proxy in front of a provider says when it cannot reach it.
    static let unreadableError = Reply(
        .internalServerError, contentType: "text/html",
        body: Array("<html><body><h1>Sorry, something went wrong.</h1></body></html>".utf8))
}
