import Domain
import Storage

/// The delivery tables as a value, and their guarded transitions as the statements of Storage make them, one for one.
///
/// What is to be done is decided elsewhere, by the product's own code; here stands only what each statement writes, and
/// under which condition. `QueueAgreementTests` holds it against PostgreSQL.
struct Queue {
    /// Who moved a message.
    enum Cause {
        case send, engine, requeue, report, cancel, resolve, retry
    }

    static let account = Account.ID(1)

    /// The index is the id less 1.
    var messages: [MessageRow] = []
    /// In the order of their messages.
    var outbox: [OutboxRow] = []
    var threads: [ThreadRow]
    var numbers: [NumberRow]
    var parked: [ParkedRow] = []
    /// The message that each idempotency key stands for.
    var keys: [Int: Message.ID] = [:]
    /// Who was changed since somebody last looked, and by whom.
    var touched: [(index: Int, cause: Cause)] = []
    let flaw: Flaw?

    init(threads: [ThreadRow], numbers: [NumberRow], flaw: Flaw? = nil) {
        self.threads = threads
        self.numbers = numbers
        self.flaw = flaw
    }

    static func index(_ id: Message.ID) -> Int { Int(id.rawValue) - 1 }

    func place(_ id: Message.ID) -> Int? { outbox.firstIndex { $0.id == id } }

    /// An earlier one of the conversation that waits without an attempt, and not for a time of its own.
    func isBehind(_ id: Message.ID?, in thread: Int, now: Timestamp) -> Bool {
        outbox.contains { row in
            row.thread == thread && row.leaseUntil == nil && (id.map { row.id < $0 } ?? true)
                && isDue(row.id, now)
        }
    }

    private func isDue(_ id: Message.ID, _ now: Timestamp) -> Bool {
        messages[Self.index(id)].sendAt.map { $0 <= now } ?? true
    }

    /// Whether it goes at once: nothing of its conversation waits before it, and its contact's pace lets it.
    mutating func goes(_ id: Message.ID?, in thread: Int, isHeld: Bool, now: Timestamp) -> Bool {
        if isHeld || (flaw != .order && isBehind(id, in: thread, now: now)) { return false }
        guard threads[thread].isOpen(now) || flaw == .pace else { return false }
        threads[thread].charge(now)
        return true
    }

    // MARK: send_accept

    struct Submission {
        var key: Int?
        var thread: Int
        var content: OutboundContent
        var category: String?
        var fallback: SendRequest.TemplateContent?
        var usedFallback: Bool
        var sendAt: Timestamp?
        var validUntil: Timestamp?
        var held: Bool
        var now: Timestamp
        var owner: String
        var leaseUntil: Timestamp
    }

    /// Nil when the key is taken.
    mutating func accept(_ send: Submission) -> (id: Message.ID, dispatches: Bool)? {
        if let key = send.key, flaw != .idempotency, keys[key] != nil { return nil }
        let id = Message.ID(Int64(messages.count + 1))
        let dispatches = goes(nil, in: send.thread, isHeld: send.held, now: send.now)
        if let key = send.key, flaw != .idempotency { keys[key] = id }
        var row = MessageRow(
            id: id, thread: send.thread, key: send.key, status: dispatches ? .sending : .queued,
            attempts: dispatches ? 1 : 0, content: send.content, category: send.category, fallback: send.fallback,
            usedFallback: send.usedFallback, sendAt: send.sendAt, validUntil: send.validUntil)
        if dispatches { row.tries.append(AttemptRow(number: 1, startedAt: send.now)) }
        messages.append(row)
        outbox.append(
            OutboxRow(
                id: id, thread: send.thread,
                runAt: dispatches ? send.now : threads[send.thread].paced(send.sendAt ?? send.now),
                leaseOwner: dispatches ? send.owner : nil, leaseUntil: dispatches ? send.leaseUntil : nil))
        touched.append((messages.count - 1, .send))
        return (id, dispatches)
    }

    // MARK: outbox_claim, outbox_expire, outbox_rescue

    /// - Parameter number: nil takes what is due of all of them.
    mutating func claim(
        of number: Int? = nil, owner: String, until lease: Timestamp, limit: Int, now: Timestamp
    ) -> [AttemptStore.Claimed] {
        var due: [Int] = []
        for (place, row) in outbox.enumerated() where number.map({ $0 == threads[row.thread].number }) ?? true {
            guard row.runAt <= now, row.leaseUntil == nil, numbers[threads[row.thread].number].status == .connected
            else { continue }
            guard threads[row.thread].isOpen(now) || flaw == .pace else { continue }
            let isHead = !outbox[..<place].contains { $0.thread == row.thread && isDue($0.id, now) }
            if isHead || flaw == .order { due.append(place) }
        }
        due.sort { (outbox[$0].runAt, outbox[$0].id) < (outbox[$1].runAt, outbox[$1].id) }
        var claimed: [AttemptStore.Claimed] = []
        for place in due.prefix(limit) {
            outbox[place].leaseOwner = owner
            outbox[place].leaseUntil = lease
            let index = Self.index(outbox[place].id)
            touched.append((index, .engine))
            guard messages[index].status == .queued else { continue }
            messages[index].status = .sending
            messages[index].attempts += 1
            let row = messages[index]
            threads[row.thread].charge(now)
            let thread = threads[row.thread]
            let first = row.tries.first { $0.number > row.earlierAttempts }?.startedAt ?? now
            messages[index].tries.append(AttemptRow(number: row.attempts, startedAt: now))
            claimed.append(
                attempt(
                    row, startedAt: now, firstStartedAt: first, lastInboundAt: thread.lastInboundAt,
                    consent: thread.consent))
        }
        return claimed
    }

    func attempt(
        _ row: MessageRow, startedAt: Timestamp, firstStartedAt: Timestamp, lastInboundAt: Timestamp?,
        consent: SendContext.Consent
    ) -> AttemptStore.Claimed {
        let thread = threads[row.thread]
        return AttemptStore.Claimed(
            account: Self.account, messageID: row.id, number: row.attempts, startedAt: startedAt,
            conversationID: thread.id, instanceID: numbers[thread.number].id,
            recipient: Recipient(kind: .waID, value: "55119"), content: row.content, replyToProviderID: nil,
            presetProviderID: row.presetID, lastInboundAt: lastInboundAt, firstStartedAt: firstStartedAt,
            earlierAttempts: row.earlierAttempts, validUntil: row.validUntil, isFirstContact: false,
            templateCategory: row.category, consent: consent)
    }

    /// How many messages expired.
    mutating func expire(now: Timestamp, reason: ProviderFault) -> Int {
        var count = 0
        for row in outbox where row.leaseUntil == nil {
            let index = Self.index(row.id)
            guard let until = messages[index].validUntil, until <= now else { continue }
            leave(row.id)
            if messages[index].status == .queued {
                messages[index].status = .expired
                messages[index].error = reason
                count += 1
            }
            touched.append((index, .engine))
        }
        return count
    }

    /// How many messages became unknown.
    mutating func rescue(now: Timestamp, reason: ProviderFault) -> Int {
        guard flaw != .forgotten else { return 0 }
        var count = 0
        for row in outbox {
            guard let until = row.leaseUntil, until < now else { continue }
            let index = Self.index(row.id)
            if flaw == .rescue, let place = place(row.id), messages[index].status == .sending {
                messages[index].status = .queued
                outbox[place].leaseUntil = nil
                outbox[place].runAt = now
                touched.append((index, .requeue))
                continue
            }
            leave(row.id)
            if messages[index].status == .sending {
                messages[index].status = .unknown
                messages[index].error = reason
                finish(index, messages[index].attempts, "unknown", now)
                count += 1
            }
            touched.append((index, .engine))
        }
        return count
    }

    mutating func leave(_ id: Message.ID) { outbox.removeAll { $0.id == id } }

    mutating func finish(_ index: Int, _ number: Int, _ outcome: String, _ now: Timestamp) {
        guard messages[index].tries.indices.contains(number - 1), messages[index].tries[number - 1].finishedAt == nil
        else { return }
        messages[index].tries[number - 1].finishedAt = now
        messages[index].tries[number - 1].outcome = outcome
    }
}
