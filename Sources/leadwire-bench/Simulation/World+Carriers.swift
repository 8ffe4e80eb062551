import Delivery
import Domain
import Storage

extension World {
    /// A number as its provider has it.
    struct Carrier {
        var isDown = false
        /// The token is refused for everything.
        var isRevoked = false
    }

    /// A send on its way to the provider.
    struct Request {
        enum Fate: CaseIterable {
            case answered, unreachable, lostBefore, lostAnswer, late, garbled, garbledAccepted, idMissing, idTaken
        }

        /// Who waits for the answer.
        let flight: Int
        let attempt: AttemptStore.Claimed
        let presetID: String?
        var fate: Fate
        /// Whoever waited has given up.
        var isGivenUp = false
    }

    func fate() -> Request.Fate {
        guard !isCalm, dice.once(in: 4) else { return .answered }
        return Request.Fate.allCases[dice.below(Request.Fate.allCases.count)]
    }

    private static func silence(_ title: String, _ provider: Instance.Provider) -> ProviderFault {
        ProviderFault(provider: provider, code: nil, title: title, details: nil, retryable: true)
    }

    func carryRequest() -> Bool {
        guard !requests.isEmpty else { return false }
        let place = dice.below(requests.count)
        let request = requests[place]
        let provider = queue.numbers[number(request.attempt)].provider
        if request.fate == .late, !request.isGivenUp {
            tally.count(.lateAnswer)
            requests[place].isGivenUp = true
            answer(request, .unknown(Self.silence("No answer in time", provider)))
            return true
        }
        requests.remove(at: place)
        switch request.fate {
        case .answered: answer(request, receive(request))
        case .unreachable:
            tally.count(.connectionRefused)
            answer(request, .notSent(Self.silence("Connection refused", provider)))
        case .lostBefore:
            tally.count(.lostBefore)
            answer(request, .unknown(Self.silence("Connection reset", provider)))
        case .lostAnswer:
            if case .accepted = receive(request) { tally.count(.lostAnswer) }
            answer(request, .unknown(Self.silence("Connection reset", provider)))
        case .late: _ = receive(request)
        case .garbled, .garbledAccepted:
            tally.count(.garbledAnswer)
            if request.fate == .garbledAccepted { _ = receive(request) }
            answer(request, .unknown(Self.silence("HTTP 500", provider)))
        case .idMissing:
            guard case .accepted = keep(request, receive(request)) else { return true }
            tally.count(.idMissing)
            answer(request, .unknown(Self.silence("A success without an id", provider)))
        case .idTaken:
            guard case .accepted = keep(request, receive(request)) else { return true }
            let thread = queue.messages[Queue.index(request.attempt.messageID)].thread
            let other = queue.messages.last {
                $0.id != request.attempt.messageID && $0.providerMessageID != nil
                    && queue.threads[$0.thread].number == queue.threads[thread].number
            }
            guard let id = other?.providerMessageID else {
                answer(request, .unknown(Self.silence("HTTP 500", provider)))
                return true
            }
            tally.count(.idTaken)
            answer(request, .accepted(providerMessageID: id, waID: nil))
        }
        return true
    }

    /// A refusal is answered as it is; an acceptance is handed back, to be spoilt.
    private func keep(_ request: Request, _ outcome: AttemptOutcome) -> AttemptOutcome {
        if case .accepted = outcome { return outcome }
        answer(request, outcome)
        return outcome
    }

    private func answer(_ request: Request, _ outcome: AttemptOutcome) {
        guard let place = flights.firstIndex(where: { $0.id == request.flight }) else { return }
        flights[place].stage = .ended(.ended(outcome))
    }

    // MARK: At the provider

    private func refusal(_ code: CloudAPIErrorCode) -> AttemptOutcome {
        .refused(
            ProviderFault(
                provider: .cloudAPI, code: code.description, title: code.title, details: nil,
                retryable: code.isRetryable), code.disposition)
    }

    private static let turnedAway = CloudAPIErrorCode.retriedAlone.map(\.rawValue).sorted().map {
        CloudAPIErrorCode($0)
    }
    private static let final = [131_026, 132_001, 131_050, 100, 131_049].map { CloudAPIErrorCode($0) }

    private func receive(_ request: Request) -> AttemptOutcome {
        let attempt = request.attempt
        let number = number(attempt)
        let row = queue.numbers[number]
        guard row.provider == .cloudAPI else {
            if carriers[number].isDown {
                tally.count(.sessionDown)
                return .notSent(Self.silence("The session is not ready", .waha))
            }
            if !isCalm, dice.once(in: 20) {
                tally.count(.refused)
                return .refused(
                    ProviderFault(provider: .waha, code: "400", title: "Refused", details: nil, retryable: false),
                    .fail)
            }
            return accept(request)
        }
        if carriers[number].isRevoked {
            tally.count(.credentialsRevoked)
            return refusal(CloudAPIErrorCode(190))
        }
        if judge.isOutsideWindow(attempt, by: row, in: queue, now: now) { return refusal(.windowClosed) }
        guard !isCalm, dice.once(in: 4) else { return accept(request) }
        switch dice.below(12) {
        case ..<7:
            tally.count(.turnedAway)
            return refusal(Self.turnedAway[dice.below(Self.turnedAway.count)])
        case 7:
            tally.count(.turnedAwayUnnamed)
            return .refused(Self.silence("HTTP 429", .cloudAPI), .retryLater)
        case 8:
            tally.count(.credentialsOnce)
            return refusal(CloudAPIErrorCode(190))
        case 9:
            guard case .template = attempt.content else {
                tally.count(.windowByItsCount)
                return refusal(.windowClosed)
            }
            return accept(request)
        default:
            tally.count(.refused)
            return refusal(Self.final[dice.below(Self.final.count)])
        }
    }

    /// The provider has it, and will tell what becomes of it.
    private func accept(_ request: Request) -> AttemptOutcome {
        nextProviderID += 1
        let id = request.presetID ?? "w.\(nextProviderID)"
        let attempt = request.attempt
        tell("the provider accepts attempt \(attempt.number) of \(attempt.messageID) as \(id)")
        judge.accepted(attempt, as: id)
        let number = number(attempt)
        let isEchoed = queue.numbers[number].provider == .cloudAPI && !dice.once(in: 6)
        var statuses: [MessageStatus] = [.sent]
        switch dice.below(10) {
        case 0: statuses.append(.failed)
        case 1: statuses = [.failed]
        case 2: statuses += [.failed, .delivered]
        case 3...5: statuses += [.delivered]
        case 6, 7: statuses += [.delivered, .read]
        case 8: statuses += [.delivered, .read, .played]
        default: break
        }
        for status in statuses {
            reports.append(
                Queue.Report(
                    number: number, messageID: isEchoed ? attempt.messageID : nil,
                    attempt: isEchoed ? attempt.number : nil, providerMessageID: id, status: status,
                    fault: status == .failed ? Self.silence("Message undeliverable", .cloudAPI) : nil))
        }
        return .accepted(providerMessageID: id, waID: nil)
    }

    // MARK: What it tells

    func deliverReport() -> Bool {
        guard !reports.isEmpty else { return false }
        // The newest as well as what lay about for long.
        let place = dice.once(in: 2) ? dice.below(reports.count) : max(0, reports.count - 1 - dice.below(3))
        let report = reports[place]
        if reports[..<place].contains(where: { $0.providerMessageID == report.providerMessageID }) {
            tally.count(.reportOutOfOrder)
        }
        if !isCalm, dice.once(in: 5) { tally.count(.reportTwice) } else { reports.remove(at: place) }
        if !isCalm, dice.once(in: 12) {
            tally.count(.reportDropped)
            return true
        }
        if report.messageID == nil { tally.count(.reportNameless) }
        if flights.contains(where: { judge.isUnder($0.attempt, report.providerMessageID) }) {
            tally.count(.reportBeforeAnswer)
        }
        hear(report, isParked: false)
        return true
    }

    private func hear(_ report: Queue.Report, isParked: Bool) {
        tell("report \(report.status) of \(report.providerMessageID)")
        do {
            guard let (id, before) = try queue.apply(report) else {
                if report.messageID != nil { tally.count(.reportOfEarlier) }
                tally.count(.parked)
                queue.park(report, now: now)
                judge.heard(report)
                return
            }
            judge.heard(report)
            count(report, from: before, to: queue.messages[Queue.index(id)].status)
            if isParked { tally.count(.parkedApplied) }
        } catch {
            // Listed as failed, to be replayed by hand.
        }
    }

    private func count(_ report: Queue.Report, from before: MessageStatus, to after: MessageStatus) {
        guard after != before else { return tally.count(.reportBelow) }
        if before == .failed { tally.count(.undoneFailure) }
        if before == .unknown { tally.count(.resolvedUnknown) }
        switch after {
        case .sent: tally.count(.reportSent)
        case .delivered: tally.count(.reportDelivered)
        case .read: tally.count(.reportRead)
        case .played: tally.count(.reportPlayed)
        case .failed: tally.count(.reportFailed)
        default: break
        }
    }

    func applyParked() -> Bool {
        guard !queue.parked.isEmpty else { return false }
        for place in queue.foundParked().reversed() {
            let row = queue.parked[place]
            hear(
                Queue.Report(
                    number: row.number, providerMessageID: row.providerMessageID, status: row.status,
                    fault: row.fault), isParked: true)
            if !isCalm, dice.once(in: 10) { tally.count(.lostRemoval) } else { queue.parked.remove(at: place) }
        }
        let patience = Duration.seconds(10 * 60)
        let old = Timestamp(microseconds: now.microseconds - patience.microseconds)
        for row in queue.parked where row.parkedAt < old {
            tally.count(.parkedForgotten)
            judge.forgotten(row.providerMessageID)
        }
        queue.parked.removeAll { $0.parkedAt < old }
        return true
    }
}
