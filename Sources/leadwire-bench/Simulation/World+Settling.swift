import Delivery
import Domain
import Storage

/// What becomes of an attempt once it has ended.
extension World {
    func settle(_ place: Int, _ ending: AttemptEnding) {
        let attempt = flights[place].attempt
        switch ending {
        case .expired(let fault):
            let changed = queue.settleEnded(attempt, .expired, fault, outcome: "not_sent", now: now)
            tally.count(changed ? .expiredLeaving : .fenced)
            flights.remove(at: place)
        case .ended(let outcome):
            let settlement = Settlement(
                outcome, of: attempt, now: now, policy: Self.policy, jitter: dice.fraction())
            if case .refused(_, .retryLater) = outcome, case .failed(let fault, _) = settlement,
                fault.code.flatMap(CloudAPIErrorCode.init) != nil
            {
                tally.count(.outlived)
            }
            flights[place].stage = .settling(settlement)
            write(place, settlement)
        }
    }

    /// Writes until it is written or the lease is over; then the rescue calls the message unknown.
    func write(_ place: Int, _ settlement: Settlement) {
        let flight = flights[place]
        if !isCalm, dice.once(in: 25) {
            tally.count(.settleLost)
            if now + .milliseconds(50) >= flight.deadline {
                tally.count(.settleNever)
                flights.remove(at: place)
            }
            return
        }
        apply(settlement, flight.attempt)
        if !isCalm, dice.once(in: 40) {
            tally.count(.settleTwice)
            return
        }
        flights.remove(at: place)
    }

    private func apply(_ settlement: Settlement, _ attempt: AttemptStore.Claimed) {
        let before = queue.messages[Queue.index(attempt.messageID)].status
        tell("attempt \(attempt.number) of \(attempt.messageID), \(before), settles: \(settlement)")
        switch settlement {
        case .accepted(let id, _):
            do {
                guard try queue.settleAccepted(attempt, providerMessageID: id, now: now) else {
                    return tally.count(.fenced)
                }
                switch before {
                case .unknown: tally.count(.acceptedBelated)
                case .sending: tally.count(.accepted)
                default: tally.count(.acceptedBelow)
                }
            } catch {
                let fault = ProviderFault(
                    provider: .cloudAPI, code: nil, title: "The provider's answer could not be kept", details: nil,
                    retryable: false)
                tally.count(
                    queue.settleEnded(attempt, .unknown, fault, outcome: "unknown", now: now) ? .unknown : .fenced)
            }
        case .failed(let fault, let windowClosed):
            guard
                queue.settleEnded(
                    attempt, .failed, fault, outcome: "refused", windowClosed: windowClosed, now: now)
            else { return tally.count(.fenced) }
            tally.count(before == .unknown ? .failedBelated : windowClosed ? .windowClosed : .failed)
        case .unknown(let fault):
            tally.count(
                queue.settleEnded(attempt, .unknown, fault, outcome: "unknown", now: now) ? .unknown : .fenced)
        case .requeued(let fault, let outcome, let at):
            let holdsContact = fault.code == CloudAPIErrorCode.pairRateLimit.description
            guard
                queue.settleRequeued(
                    attempt, fault, outcome: outcome, runAt: at, holdsContact: holdsContact, now: now)
            else { return tally.count(.fenced) }
            if holdsContact { tally.count(.contactHeld) }
            tally.count(outcome == "not_sent" ? .requeuedUnsent : .requeued)
        case .held(let fault, let at):
            let number = number(attempt)
            if carriers[number].isRevoked, queue.numbers[number].status != .authFailed {
                queue.numbers[number].status = .authFailed
                tally.count(.numberStopped)
            }
            guard queue.settleRequeued(attempt, fault, outcome: "refused", runAt: at, now: now) else {
                return tally.count(.fenced)
            }
            tally.count(.heldByCredentials)
        }
    }
}
