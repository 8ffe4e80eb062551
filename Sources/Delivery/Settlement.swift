package import Domain
package import Storage

/// What becomes of a message after an attempt: decided here, written by the dispatcher.
package enum Settlement: Sendable, Hashable {
    case accepted(providerMessageID: String, waID: String?)
    case failed(ProviderFault, windowClosed: Bool)
    case unknown(ProviderFault)
    /// The provider cannot have it; it is tried again.
    case requeued(ProviderFault, outcome: String, at: Timestamp)
    /// As `requeued`, and the instance stops until its credentials are taken again.
    case held(ProviderFault, at: Timestamp)

    /// - Parameter jitter: 0..<1.
    package init(
        _ outcome: AttemptOutcome, of attempt: AttemptStore.Claimed, now: Timestamp, policy: RetryPolicy,
        jitter: Double
    ) {
        self.init(
            outcome, number: attempt.number - attempt.earlierAttempts, firstStartedAt: attempt.firstStartedAt,
            validUntil: attempt.validUntil, now: now, policy: policy, jitter: jitter)
    }

    /// - Parameter jitter: 0..<1.
    init(
        _ outcome: AttemptOutcome, number: Int, firstStartedAt: Timestamp, validUntil: Timestamp?, now: Timestamp,
        policy: RetryPolicy, jitter: Double
    ) {
        func next(_ code: CloudAPIErrorCode?) -> Timestamp? {
            policy.nextAttempt(
                after: number, code: code, now: now, queuedAt: firstStartedAt, validUntil: validUntil, jitter: jitter)
        }
        switch outcome {
        case .accepted(let id, let waID): self = .accepted(providerMessageID: id, waID: waID)
        case .unknown(let fault): self = .unknown(fault)
        case .notSent(let fault):
            // What is set up wrongly will not mend itself.
            let again = fault.retryable ? next(nil) : nil
            self = again.map { .requeued(fault, outcome: "not_sent", at: $0) } ?? .failed(fault, windowClosed: false)
        case .refused(let fault, let disposition):
            switch disposition {
            case .retryLater:
                // Only the codes of PRODUCT § 6.8: a limit that the provider does not name may have let it through.
                let code = fault.provider == .cloudAPI ? fault.code.flatMap(CloudAPIErrorCode.init) : nil
                self =
                    code.flatMap { next($0) }.map { .requeued(fault, outcome: "refused", at: $0) }
                    ?? .failed(fault, windowClosed: false)
            case .holdInstance:
                // The wait keeps a token that is refused for one message alone from stopping the number at once again.
                self = .held(fault, at: now + policy.delay(after: number, code: nil, jitter: jitter))
            case .windowClosed: self = .failed(fault, windowClosed: true)
            case .fail, .templateStale, .optedOut: self = .failed(fault, windowClosed: false)
            }
        }
    }
}
