import Domain
import Storage

/// Who knows what truly happened, and holds the queue to it. What it says is the first thing that must never be.
struct Judge {
    /// What is true of one message, whatever the queue says.
    private struct Truth {
        /// How often the provider took it, by how many attempts there were before the last retry.
        var acceptances: [Int: Int] = [:]
        /// The attempts that the provider took.
        var accepted: Set<Int> = []
        var isToldFailed = false
        var operatorSaid: MessageStatus?
        var shown: MessageStatus?
    }

    /// What a provider's id stands for.
    private struct Name {
        var message: Message.ID
        var attempt: Int
        /// The highest that we were told of it.
        var heard: MessageStatus?
        var isForgotten = false
    }

    private(set) var violation: String?
    private var truths: [Truth] = []
    private var names: [String: Name] = [:]
    private var keys: [Int: Message.ID] = [:]
    /// When each contact last wrote, by the provider's count.
    private var lastWritten: [Timestamp?]
    private(set) var onPhones = 0
    /// When attempts began, of each thread.
    private var begun: [Int: [Timestamp]] = [:]

    init(lastWritten: [Timestamp?]) { self.lastWritten = lastWritten }

    mutating func object(_ words: @autoclosure () -> String) { if violation == nil { violation = words() } }

    // MARK: What happens

    mutating func wrote(_ thread: Int, at: Timestamp) {
        lastWritten[thread] = lastWritten[thread].map { max($0, at) } ?? at
    }

    mutating func taken(_ id: Message.ID, under key: Int?) {
        truths.append(Truth())
        guard let key else { return }
        if let other = keys[key] { object("messages \(other) and \(id) stand for one key") }
        keys[key] = id
    }

    /// An attempt starts; a first one goes ahead of no earlier message that waits.
    mutating func begins(_ id: Message.ID, in queue: Queue, now: Timestamp) {
        let row = queue.messages[Queue.index(id)]
        if let pace = queue.threads[row.thread].pace { keepPace(row.thread, pace, now) }
        guard row.attempts == 1 else { return }
        for other in queue.outbox where other.thread == row.thread && other.id < id && other.leaseUntil == nil {
            let earlier = queue.messages[Queue.index(other.id)]
            if earlier.status == .queued, earlier.sendAt.map({ $0 <= now }) ?? true {
                object("message \(id) goes ahead of \(other.id), which waits")
            }
        }
    }

    /// In any span no more than the burst and the span's worth of intervals, counted one by one.
    private mutating func keepPace(_ thread: Int, _ pace: Pace, _ now: Timestamp) {
        begun[thread, default: []].append(now)
        let times = begun[thread, default: []]
        for more in pace.burst..<max(times.count, pace.burst + 1) where more < times.count {
            let span = now - times[times.count - 1 - more]
            if span < pace.interval * (more - pace.burst + 1) {
                object("the contact of thread \(thread) is written to \(more + 1) times in \(span)")
            }
        }
    }

    /// The provider's count of the window.
    func isOutsideWindow(
        _ attempt: AttemptStore.Claimed, by number: NumberRow, in queue: Queue, now: Timestamp
    ) -> Bool {
        if case .template = attempt.content { return false }
        guard number.hasWindowRestriction else { return false }
        let thread = queue.messages[Queue.index(attempt.messageID)].thread
        guard let last = lastWritten[thread] else { return true }
        return last + ServiceWindow.length <= now
    }

    mutating func leaves(_ attempt: AttemptStore.Claimed, by number: NumberRow, in queue: Queue, now: Timestamp) {
        let id = attempt.messageID
        if isOutsideWindow(attempt, by: number, in: queue, now: now) {
            object("attempt \(attempt.number) of \(id) leaves outside the window")
        }
        if let until = attempt.validUntil, until <= now {
            object("attempt \(attempt.number) of \(id) leaves after its valid_until")
        }
        let row = queue.messages[Queue.index(id)]
        let lease = queue.place(id).flatMap { queue.outbox[$0].leaseUntil }
        if row.attempts != attempt.number || row.earlierAttempts >= attempt.number || (lease.map { $0 <= now } ?? true)
        {
            object("attempt \(attempt.number) of \(id) leaves, and is its worker's no more")
        }
    }

    mutating func accepted(_ attempt: AttemptStore.Claimed, as id: String) {
        let index = Queue.index(attempt.messageID)
        truths[index].acceptances[attempt.earlierAttempts, default: 0] += 1
        truths[index].accepted.insert(attempt.number)
        if truths[index].acceptances[attempt.earlierAttempts, default: 0] > 1 {
            object("the provider has message \(attempt.messageID) twice, and nobody asked for that")
        }
        if names[id] == nil { onPhones += 1 }
        names[id] = Name(message: attempt.messageID, attempt: attempt.number, heard: names[id]?.heard)
    }

    /// Whether the id is of that attempt.
    func isUnder(_ attempt: AttemptStore.Claimed, _ id: String) -> Bool {
        guard let name = names[id] else { return false }
        return name.message == attempt.messageID && name.attempt == attempt.number
    }

    mutating func heard(_ report: Queue.Report) {
        guard var name = names[report.providerMessageID] else { return }
        name.heard = name.heard.map { $0.merged(with: report.status) } ?? report.status
        names[report.providerMessageID] = name
        if report.status == .failed { truths[Queue.index(name.message)].isToldFailed = true }
    }

    /// It waited too long for the answer that it was about.
    mutating func forgotten(_ id: String) { names[id]?.isForgotten = true }

    mutating func operatorSaid(_ id: Message.ID, _ status: MessageStatus) {
        truths[Queue.index(id)].operatorSaid = status
    }

    mutating func retried(_ id: Message.ID) {
        truths[Queue.index(id)].operatorSaid = nil
        truths[Queue.index(id)].isToldFailed = false
    }

    // MARK: After each step

    mutating func look(at queue: inout Queue, now: Timestamp) {
        for (index, cause) in queue.touched { look(at: queue.messages[index], cause, in: queue, now: now) }
        queue.touched.removeAll(keepingCapacity: true)
    }

    private mutating func look(at row: MessageRow, _ cause: Queue.Cause, in queue: Queue, now: Timestamp) {
        let index = Queue.index(row.id)
        let before = truths[index].shown
        truths[index].shown = row.status
        if let before, row.status.rank < before.rank {
            let mayFall =
                switch cause {
                case .retry: before == .failed || before == .expired || before == .unknown
                case .requeue: before == .sending && row.status == .queued
                default: false
                }
            if !mayFall { object("message \(row.id) comes down from \(before) to \(row.status) by \(cause)") }
        }
        if cause == .requeue, row.status == .queued, before != .queued, truths[index].accepted.contains(row.attempts) {
            object("message \(row.id) is queued again, and the provider has it")
        }
        switch row.status {
        case .queued, .sending:
            guard let place = queue.place(row.id) else {
                return object("message \(row.id) is \(row.status), and out of the outbox: forgotten")
            }
            if row.status == .sending, queue.outbox[place].leaseUntil == nil {
                object("message \(row.id) is sending, and nobody's")
            }
        case .failed, .unknown, .expired, .canceled:
            if row.error == nil { object("message \(row.id) is \(row.status) without a reason") }
        default: break
        }
    }

    // MARK: At the end

    /// Nothing is under way any more.
    mutating func conclude(_ queue: Queue, now: Timestamp) {
        for row in queue.messages {
            let truth = truths[Queue.index(row.id)]
            let isThere = truth.acceptances[row.earlierAttempts] != nil
            switch row.status {
            case .queued, .sending:
                let wait = queue.wait(of: row, now: now)
                guard case .instance? = wait else {
                    object("message \(row.id) stays \(row.status): \(wait.map { "\($0)" } ?? "forgotten")")
                    continue
                }
            case .failed:
                if isThere, !truth.isToldFailed, truth.operatorSaid != .failed {
                    object("message \(row.id) is failed, and the provider has it")
                }
            case .expired, .canceled:
                if isThere { object("message \(row.id) is \(row.status), and the provider has it") }
            case .accepted, .sent, .delivered, .read, .played:
                if truth.accepted.isEmpty, truth.operatorSaid != .sent, row.error == nil, !isMistaken(row) {
                    object("message \(row.id) is \(row.status), and the provider never had it")
                }
            case .unknown, .received: break
            }
            if let id = row.providerMessageID, let name = names[id], name.message == row.id, !name.isForgotten,
                let heard = name.heard,
                row.status.rank < heard.rank
            {
                object("message \(row.id) is \(row.status), and \(heard) was told of it")
            }
        }
    }

    /// Known by an id that is another's.
    private func isMistaken(_ row: MessageRow) -> Bool {
        row.providerMessageID.flatMap { names[$0] }.map { $0.message != row.id } ?? false
    }
}

extension Queue {
    /// Why the message waits; nil when it is not in the outbox.
    func wait(of row: MessageRow, now: Timestamp) -> MessageWait? {
        guard let place = place(row.id) else { return nil }
        let behind = outbox[..<place].first { $0.thread == row.thread }
        return MessageWait(
            MessageWait.Place(
                runAt: outbox[place].runAt, leaseUntil: outbox[place].leaseUntil, sendAt: row.sendAt,
                instance: numbers[threads[row.thread].number].status, behind: behind?.id), now: now)
    }
}
