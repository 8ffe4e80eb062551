import Domain

extension World {
    /// What a contact wrote, on its way to us.
    struct Letter {
        let thread: Int
        let at: Timestamp
        let isStop: Bool
    }

    // MARK: Contacts

    func write() -> Bool {
        let thread = dice.below(queue.threads.count)
        let isAhead = dice.once(in: 10)
        let at = isAhead ? now + .seconds(5) : now
        if isAhead { tally.count(.clockAhead) }
        if dice.once(in: 4) { queue.threads[thread].consent.marketingStopped.toggle() }
        judge.wrote(thread, at: at)
        letters.append(Letter(thread: thread, at: at, isStop: dice.once(in: 12)))
        return true
    }

    /// inbound_conversation, and the word that ends it.
    func hear() -> Bool {
        guard !letters.isEmpty else { return false }
        let letter = letters.remove(at: dice.below(letters.count))
        // A provider's clock that is ahead must not lengthen the window.
        let at = min(letter.at, now)
        if now - letter.at > .seconds(60) { tally.count(.inboundLate) }
        tally.count(.windowOpened)
        tell("thread \(letter.thread) wrote")
        let last = queue.threads[letter.thread].lastInboundAt
        queue.threads[letter.thread].lastInboundAt = last.map { max($0, at) } ?? at
        // Who writes again after a stop has begun anew.
        queue.threads[letter.thread].consent.stopped = letter.isStop
        return true
    }

    // MARK: Operators

    /// What an operator asked for and was judged, not written yet.
    struct Act {
        let act: MessageLife.Act
        let outcome: MessageLife.Outcome?
        let id: Message.ID
        let judged: MessageStatus
        let retry: Queue.Retry?
        let process: Int
    }

    private static let cancellation = ProviderFault(
        provider: .cloudAPI, code: nil, title: "Canceled before it was sent", details: nil, retryable: false)

    func ask() -> Bool {
        guard !queue.messages.isEmpty else { return false }
        // Mostly what needs somebody.
        var place = queue.messages.count - 1 - dice.below(min(40, queue.messages.count))
        if dice.once(in: 2) {
            let needy = queue.messages.indices.filter {
                [.unknown, .failed, .expired, .queued].contains(queue.messages[$0].status)
            }
            if !needy.isEmpty { place = needy[dice.below(needy.count)] }
        }
        let row = queue.messages[place]
        let process = dice.below(processes.count)
        guard processes[process].isAwake else { return false }
        let outcome = MessageLife.Outcome.allCases[dice.below(3)]
        let act =
            row.status == .queued
            ? .cancel : row.status == .unknown && dice.once(in: 2) ? .resolve : MessageLife.Act.retry
        let acceptsDuplicate = act == .resolve ? outcome == .resend : dice.once(in: 2)
        let refusal = MessageLife.refusal(
            of: act, for: message(row), isKept: true, acceptsDuplicate: acceptsDuplicate)
        guard refusal == nil else {
            tally.count(.actRefused)
            return true
        }
        var retry: Queue.Retry?
        if act == .retry || (act == .resolve && outcome == .resend) {
            guard let judged = judgedRetry(row, process) else {
                tally.count(.actRefused)
                return true
            }
            retry = judged
        }
        let asked = Act(
            act: act, outcome: act == .resolve ? outcome : nil, id: row.id, judged: row.status, retry: retry,
            process: process)
        if dice.once(in: 2) { acts.append(asked) } else { perform(asked) }
        return true
    }

    /// By the rules of a send; nil where they refuse it.
    private func judgedRetry(_ row: MessageRow, _ process: Int) -> Queue.Retry? {
        guard let request = request(row) else { return nil }
        let verdict = SendDecision.judge(request, in: context(row.thread), now: now)
        guard verdict.isAllowed, let content = verdict.content else { return nil }
        return Queue.Retry(
            judged: row.status, attempts: row.attempts, content: content, category: verdict.template?.category,
            usedFallback: verdict.usedFallback || row.usedFallback, held: verdict.held, owner: owner(process),
            leaseUntil: now + Self.leaseTime)
    }

    private func message(_ row: MessageRow) -> Message {
        Message(
            id: row.id, accountID: Queue.account, leadID: nil, conversationID: queue.threads[row.thread].id,
            instanceID: queue.numbers[queue.threads[row.thread].number].id, direction: .outbound, type: "text",
            status: row.status, text: nil, details: nil, template: nil, clientReference: nil,
            providerMessageID: row.providerMessageID, attempts: row.attempts, error: row.error,
            usedFallback: row.usedFallback, queuedAt: now, acceptedAt: nil, sentAt: nil, deliveredAt: nil, readAt: nil,
            failedAt: nil)
    }

    func perform() -> Bool {
        guard !acts.isEmpty else { return false }
        perform(acts.remove(at: dice.below(acts.count)))
        return true
    }

    private func perform(_ act: Act) {
        guard processes[act.process].isAwake else { return }
        tell("the operator's \(act.act) of \(act.id)")
        if let retry = act.retry { return self.retry(act, retry) }
        switch (act.act, act.outcome) {
        case (.cancel, _):
            tally.count(queue.cancel(act.id, reason: Self.cancellation) ? .canceled : .actOvertaken)
        case (.resolve, .fail?):
            guard queue.resolve(act.id, as: .failed) else { return tally.count(.actOvertaken) }
            judge.operatorSaid(act.id, .failed)
            tally.count(.resolvedFailed)
        case (.resolve, _):
            guard queue.resolve(act.id, as: .sent) else { return tally.count(.actOvertaken) }
            judge.operatorSaid(act.id, .sent)
            tally.count(.resolvedSent)
        case (.retry, _): break
        }
    }

    private func retry(_ act: Act, _ retry: Queue.Retry) {
        var retry = retry
        retry.owner = owner(act.process)
        retry.leaseUntil = now + Self.leaseTime
        guard let dispatches = queue.retry(act.id, retry, now: now) else { return tally.count(.actOvertaken) }
        judge.retried(act.id)
        if dispatches { judge.begins(act.id, in: queue, now: now) }
        switch act.judged {
        case .failed: tally.count(.retriedFailed)
        case .expired: tally.count(.retriedExpired)
        default: tally.count(.retriedUnknown)
        }
        guard dispatches else { return tally.count(.retryWaits) }
        let row = queue.messages[Queue.index(act.id)]
        board(
            queue.attempt(
                row, startedAt: now, firstStartedAt: now, lastInboundAt: queue.threads[row.thread].lastInboundAt,
                consent: .init()), act.process)
    }

    // MARK: Numbers

    func stopNumber() -> Bool {
        let number = dice.below(carriers.count)
        guard !carriers[number].isDown, !carriers[number].isRevoked else { return false }
        if queue.numbers[number].provider == .cloudAPI {
            carriers[number].isRevoked = true
        } else {
            carriers[number].isDown = true
            // Its webhook tells, or a send finds out.
            if dice.once(in: 2) { queue.numbers[number].status = .disconnected }
        }
        tell("number \(number) is down")
        return true
    }

    func mendNumber() -> Bool {
        let number = dice.below(carriers.count)
        guard carriers[number].isDown || carriers[number].isRevoked else { return false }
        tell("number \(number) is mended")
        carriers[number] = Carrier()
        return true
    }

    /// Asks after the numbers that cannot send.
    func watch() -> Bool {
        var isNews = false
        for number in queue.numbers.indices where queue.numbers[number].status != .connected {
            guard !carriers[number].isDown, !carriers[number].isRevoked else { continue }
            queue.numbers[number].status = .connected
            tally.count(.numberBack)
            isNews = true
        }
        return isNews
    }
}
