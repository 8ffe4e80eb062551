import Delivery
import Domain
import Storage

extension World {
    /// An attempt in a process's hands.
    struct Flight {
        enum Stage {
            case claimed
            case carrying(until: Timestamp)
            case ready
            /// At the provider, or on the way.
            case away
            case ended(AttemptEnding)
            case settling(Settlement)
        }

        let id: Int
        let process: Int
        var attempt: AttemptStore.Claimed
        var stage = Stage.claimed
        /// The end of its lease, as its process knows it.
        var deadline: Timestamp
    }

    static let policy = RetryPolicy.standard

    private static let stopped = ProviderFault(
        provider: .cloudAPI, code: nil,
        title: "The server stopped during the attempt; whether the provider has the message is not known",
        details: nil, retryable: false)
    private static let overdue = ProviderFault(
        provider: .cloudAPI, code: nil, title: "valid_until passed before it could be sent", details: nil,
        retryable: false)

    func board(_ attempt: AttemptStore.Claimed, _ process: Int) {
        nextFlight += 1
        flights.append(
            Flight(id: nextFlight, process: process, attempt: attempt, deadline: now + Self.leaseTime))
    }

    func number(_ attempt: AttemptStore.Claimed) -> Int { Int(attempt.instanceID.rawValue) - 1 }

    // MARK: The outbox

    func turn(_ process: Int) -> Bool {
        guard processes[process].isAwake else { return false }
        let stopped = queue.rescue(now: now, reason: Self.stopped)
        for _ in 0..<stopped { tally.count(.rescued) }
        if dice.once(in: 2) || isCalm {
            for _ in 0..<queue.expire(now: now, reason: Self.overdue) { tally.count(.expiredWaiting) }
        }
        let before = queue.touched.count
        if queue.outbox.contains(where: {
            $0.leaseUntil == nil && $0.runAt <= now && !queue.threads[$0.thread].isOpen(now)
        }) {
            tally.count(.claimedPaced)
        }
        let claimed = queue.claim(
            owner: owner(process), until: now + Self.leaseTime, limit: isCalm ? 20 : 1 + dice.below(4), now: now)
        for _ in 0..<(queue.touched.count - before - claimed.count) { tally.count(.claimedGone) }
        for attempt in claimed {
            tell("process \(process) takes \(attempt.messageID), attempt \(attempt.number)")
            tally.count(.claimed)
            judge.begins(attempt.messageID, in: queue, now: now)
            board(attempt, process)
        }
        return true
    }

    // MARK: An attempt

    func fly() -> Bool {
        guard !flights.isEmpty else { return false }
        let place = dice.below(flights.count)
        guard processes[flights[place].process].isAwake else { return false }
        switch flights[place].stage {
        case .claimed: depart(place)
        case .carrying(let until):
            guard until <= now else { return false }
            flights[place].stage = carried(flights[place])
        case .ready: leave(place)
        case .away: return false
        case .ended(let ending): settle(place, ending)
        case .settling(let settlement): write(place, settlement)
        }
        return true
    }

    private func depart(_ place: Int) {
        let attempt = flights[place].attempt
        let row = queue.numbers[number(attempt)]
        if !isCalm, dice.once(in: 80) {
            tally.count(.settingsUnread)
            let fault = ProviderFault(
                provider: .cloudAPI, code: nil, title: "The channel's settings could not be read", details: nil,
                retryable: true)
            flights[place].stage = .ended(.ended(.notSent(fault)))
            return
        }
        let departure = Departure(
            attempt, via: row.provider, hasWindowRestriction: row.hasWindowRestriction && flaw != .window, now: now)
        switch departure {
        case .free: carry(place)
        case .expired(let fault): flights[place].stage = .ended(.expired(fault))
        case .refused(let fault):
            tally.count(.optedOut)
            flights[place].stage = .ended(.ended(.refused(fault, .fail)))
        case .windowClosed(let fault): fallBack(place, fault)
        }
    }

    private func fallBack(_ place: Int, _ refusal: ProviderFault) {
        var attempt = flights[place].attempt
        let row = queue.messages[Queue.index(attempt.messageID)]
        guard row.fallback != nil, let request = request(row) else {
            flights[place].stage = .ended(.ended(.refused(refusal, .fail)))
            return
        }
        switch FallbackVerdict(request, in: context(row.thread), now: now) {
        case .none: flights[place].stage = .ended(.ended(.refused(refusal, .fail)))
        case .impossible(let fault):
            tally.count(.fallbackImpossible)
            flights[place].stage = .ended(.ended(.refused(fault, .fail)))
        case .waits(let fault): flights[place].stage = .ended(.ended(.notSent(fault)))
        case .stillOpen(let lastInboundAt):
            tally.count(.fallbackStillOpen)
            attempt.lastInboundAt = lastInboundAt
            flights[place].attempt = attempt
            carry(place)
        case .template(let substitute):
            guard queue.replace(attempt, by: substitute) else {
                tally.count(.fenced)
                flights[place].stage = .ended(.ended(.notSent(AttemptEnding.lostLease(.cloudAPI))))
                return
            }
            tally.count(.fallback)
            flights[place].attempt = attempt.replaced(by: substitute)
            carry(place)
        }
    }

    /// A message as it was asked for; nil where that is not kept.
    func request(_ row: MessageRow) -> SendRequest? {
        let template: Template.ID? =
            row.isTemplate ? (row.category == "MARKETING" ? Self.marketing.id : Self.utility.id) : nil
        guard
            let content = SendRequest.Content(
                kept: row.content, template: template, text: row.isTemplate ? nil : "Hello", details: nil)
        else { return nil }
        return SendRequest(
            content: content, instanceID: queue.numbers[queue.threads[row.thread].number].id, fallback: row.fallback)
    }

    /// A file is brought first, and that lasts.
    private func carry(_ place: Int) {
        let attempt = flights[place].attempt
        guard attempt.content.media != nil else {
            flights[place].stage = .ready
            return
        }
        let patience = Duration.seconds(120)
        guard queue.extend(attempt, until: now + Self.leaseTime + patience) else {
            tally.count(.fenced)
            flights[place].stage = .ended(.ended(.notSent(AttemptEnding.lostLease(.cloudAPI))))
            return
        }
        tally.count(.extended)
        flights[place].deadline = now + Self.leaseTime + patience
        flights[place].stage = .carrying(until: now + dice.duration(100...110_000))
    }

    private func carried(_ flight: Flight) -> Flight.Stage {
        guard !isCalm, dice.once(in: 15) else { return .ready }
        tally.count(.fileFailed)
        let isPassing = dice.once(in: 2)
        let fault = ProviderFault(
            provider: .cloudAPI, code: nil, title: "The file could not be fetched", details: nil,
            retryable: isPassing)
        return .ended(.ended(isPassing ? .notSent(fault) : .refused(fault, .fail)))
    }

    private func leave(_ place: Int) {
        var flight = flights[place]
        let row = queue.numbers[number(flight.attempt)]
        var preset = flight.attempt.presetProviderID
        if row.provider == .waha, preset == nil {
            nextProviderID += 1
            preset = "q.\(nextProviderID)"
            guard queue.prepare(flight.attempt, presetID: preset ?? "") else {
                tally.count(.fenced)
                flights[place].stage = .ended(.ended(.notSent(AttemptEnding.lostLease(.waha))))
                return
            }
        }
        let isLeaseOver = now >= flight.deadline
        let belated = AttemptEnding.belated(
            flight.attempt, via: row.provider, hasWindowRestriction: row.hasWindowRestriction && flaw != .window,
            isLeaseOver: isLeaseOver, now: now)
        if let belated, flaw != .lastLook {
            switch belated {
            case _ where isLeaseOver: tally.count(.belatedLease)
            case .expired: tally.count(.belatedTime)
            case .ended(.notSent): tally.count(.belatedWindow)
            default: break
            }
            flights[place].stage = .ended(belated)
            return
        }
        tell("attempt \(flight.attempt.number) of \(flight.attempt.messageID) leaves")
        judge.leaves(flight.attempt, by: row, in: queue, now: now)
        requests.append(Request(flight: flight.id, attempt: flight.attempt, presetID: preset, fate: fate()))
        flight.stage = .away
        flights[place] = flight
    }
}

extension AttemptStore.Claimed {
    /// As `AttemptStore.replace` answers it.
    fileprivate func replaced(by substitute: AttemptStore.Substitute) -> Self {
        Self(
            account: account, messageID: messageID, number: number, startedAt: startedAt,
            conversationID: conversationID, instanceID: instanceID, recipient: substitute.recipient,
            content: substitute.content, replyToProviderID: replyToProviderID, presetProviderID: presetProviderID,
            lastInboundAt: lastInboundAt, firstStartedAt: firstStartedAt, earlierAttempts: earlierAttempts,
            validUntil: validUntil, isFirstContact: isFirstContact, templateCategory: substitute.template.category,
            consent: consent)
    }
}
