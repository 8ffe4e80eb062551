/// Everything that happened with a message, in the order in which we came to know it.
package struct MessageTrace: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// A contact's message came in.
        case received
        /// Instance, recipient, consent, window and template were judged.
        case checked
        case queued
        case attemptStarted = "attempt_started"
        case accepted
        case refused
        case notSent = "not_sent"
        case unknown
        case sent, delivered, read, played
        case failed, canceled, expired
        case retried, resolved
    }

    package struct Step: Sendable, Hashable {
        /// When we did it, or came to know it.
        package var at: Timestamp
        package var kind: Kind
        /// The attempt that it is about.
        package var attempt: Int?
        /// When it happened, by the provider's clock.
        package var providerAt: Timestamp?
        package var fault: ProviderFault?
        /// Whose key asked for it.
        package var apiKeyID: APIKey.ID?
        package var requestID: String?
    }

    package struct Attempt: Sendable {
        package var number: Int
        package var startedAt: Timestamp
        package var finishedAt: Timestamp?
        package var outcome: Kind?
        package var fault: ProviderFault?

        package init(
            number: Int, startedAt: Timestamp, finishedAt: Timestamp?, outcome: Kind?, fault: ProviderFault?
        ) {
            self.number = number
            self.startedAt = startedAt
            self.finishedAt = finishedAt
            self.outcome = outcome
            self.fault = fault
        }
    }

    /// A change of the status, as it was told.
    package struct News: Sendable {
        package var at: Timestamp
        package var status: MessageStatus
        package var providerAt: Timestamp?
        package var fault: ProviderFault?

        package init(at: Timestamp, status: MessageStatus, providerAt: Timestamp?, fault: ProviderFault?) {
            self.at = at
            self.status = status
            self.providerAt = providerAt
            self.fault = fault
        }
    }

    /// What somebody asked to be done with the message after it was taken.
    package struct Request: Sendable {
        package var at: Timestamp
        package var act: MessageLife.Act
        package var apiKeyID: APIKey.ID?
        package var requestID: String?

        package init(at: Timestamp, act: MessageLife.Act, apiKeyID: APIKey.ID?, requestID: String?) {
            self.at = at
            self.act = act
            self.apiKeyID = apiKeyID
            self.requestID = requestID
        }
    }

    package let steps: [Step]

    /// - Parameter by: whose key sent the message.
    package init(_ message: Message, by: APIKey.ID?, attempts: [Attempt], news: [News], requests: [Request]) {
        var steps: [Step] = []
        if message.direction == .inbound {
            steps.append(Step(at: message.queuedAt, kind: .received))
        } else {
            steps.append(Step(at: message.queuedAt, kind: .checked))
            steps.append(Step(at: message.queuedAt, kind: .queued, apiKeyID: by))
        }
        for request in requests {
            steps.append(
                Step(at: request.at, kind: request.act.kind, apiKeyID: request.apiKeyID, requestID: request.requestID))
        }
        for attempt in attempts {
            steps.append(Step(at: attempt.startedAt, kind: .attemptStarted, attempt: attempt.number))
            if let at = attempt.finishedAt, let outcome = attempt.outcome {
                steps.append(Step(at: at, kind: outcome, attempt: attempt.number, fault: attempt.fault))
            }
        }
        // What an attempt or a cancel ended with is told by that: it was written at the same instant.
        let told = Set(attempts.flatMap(\.news) + requests.flatMap(\.news))
        for one in news where !told.contains(Told(at: one.at, status: one.status)) {
            guard let kind = one.status.step else { continue }
            steps.append(Step(at: one.at, kind: kind, providerAt: one.providerAt, fault: one.fault))
        }
        // Of what was written at one instant the earlier part comes first.
        self.steps = steps.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }
}

/// What was said of the message at an instant.
private struct Told: Hashable {
    let at: Timestamp
    let status: MessageStatus
}

extension MessageTrace.Attempt {
    fileprivate var news: [Told] {
        guard let finishedAt else { return [] }
        let ends: [MessageStatus] =
            switch outcome {
            case .accepted: [.accepted]
            case .unknown: [.unknown]
            case .refused: [.failed]
            case .notSent: [.failed, .expired]
            default: []
            }
        return ends.map { Told(at: finishedAt, status: $0) }
    }
}

extension MessageTrace.Request {
    fileprivate var news: [Told] { act == .cancel ? [Told(at: at, status: .canceled)] : [] }
}

extension MessageLife.Act {
    fileprivate var kind: MessageTrace.Kind {
        switch self {
        case .retry: .retried
        case .cancel: .canceled
        case .resolve: .resolved
        }
    }
}

extension MessageStatus {
    /// Nil for what is told otherwise: that it was queued, by who asked for it; that it is sent, by its attempt.
    fileprivate var step: MessageTrace.Kind? {
        switch self {
        case .queued, .sending, .received: nil
        case .unknown: .unknown
        case .accepted: .accepted
        case .sent: .sent
        case .delivered: .delivered
        case .read: .read
        case .played: .played
        case .failed: .failed
        case .canceled: .canceled
        case .expired: .expired
        }
    }
}
