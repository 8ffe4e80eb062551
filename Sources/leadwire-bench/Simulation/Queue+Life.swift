import Domain
import Storage

/// What people and providers do with a message after it was taken, as `MessageStore`, `InboundStore` and
/// `ParkedStatusStore` have it.
extension Queue {
    /// message_cancel
    mutating func cancel(_ id: Message.ID, reason: ProviderFault) -> Bool {
        let index = Self.index(id)
        guard messages[index].status == .queued, let place = place(id), outbox[place].leaseUntil == nil else {
            return false
        }
        leave(id)
        messages[index].status = .canceled
        messages[index].error = reason
        touched.append((index, .cancel))
        return true
    }

    /// message_resolve
    mutating func resolve(_ id: Message.ID, as status: MessageStatus) -> Bool {
        let index = Self.index(id)
        guard messages[index].status == .unknown, messages[index].status.rank < status.rank else { return false }
        messages[index].status = status
        if status != .failed { messages[index].error = nil }
        touched.append((index, .resolve))
        return true
    }

    struct Retry {
        var judged: MessageStatus
        var attempts: Int
        var content: OutboundContent
        var category: String?
        var usedFallback: Bool
        var held: Bool
        var owner: String
        var leaseUntil: Timestamp
    }

    /// message_retry; whether it dispatches, nil when the message is no longer as it was judged, or an attempt is still under way.
    mutating func retry(_ id: Message.ID, _ retry: Retry, now: Timestamp) -> Bool? {
        let index = Self.index(id)
        let row = messages[index]
        if flaw != .retry {
            guard row.status == retry.judged, row.attempts == retry.attempts, place(id) == nil else { return nil }
        }
        let dispatches = goes(id, in: row.thread, isHeld: retry.held, now: now)
        messages[index].status = dispatches ? .sending : .queued
        messages[index].earlierAttempts = row.attempts
        messages[index].attempts += dispatches ? 1 : 0
        messages[index].content = retry.content
        messages[index].category = retry.category
        messages[index].usedFallback = retry.usedFallback
        if retry.usedFallback { messages[index].fallback = nil }
        if row.status != .unknown { messages[index].presetID = nil }
        messages[index].providerMessageID = nil
        messages[index].error = nil
        messages[index].sendAt = nil
        if let until = row.validUntil, until <= now { messages[index].validUntil = nil }
        if dispatches {
            messages[index].tries.append(AttemptRow(number: messages[index].attempts, startedAt: now))
        }
        leave(id)
        let waiting = OutboxRow(
            id: id, thread: row.thread, runAt: dispatches ? now : threads[row.thread].paced(now),
            leaseOwner: dispatches ? retry.owner : nil,
            leaseUntil: dispatches ? retry.leaseUntil : nil)
        outbox.insert(waiting, at: outbox.firstIndex { $0.id > id } ?? outbox.endIndex)
        touched.append((index, .retry))
        return dispatches
    }

    /// What a provider says of a message of ours.
    struct Report {
        let number: Int
        /// From our own callback data, if the provider echoes it.
        var messageID: Message.ID?
        var attempt: Int?
        let providerMessageID: String
        let status: MessageStatus
        var fault: ProviderFault?
    }

    /// inbound_status; the message it was about, if there is one, and how that stood before.
    mutating func apply(_ report: Report) throws(Taken) -> (id: Message.ID, before: MessageStatus)? {
        let found = messages.firstIndex { row in
            guard threads[row.thread].number == report.number, row.status.rank < 100 else { return false }
            if let id = report.messageID {
                guard row.id == id else { return false }
            } else if row.providerMessageID != report.providerMessageID && row.presetID != report.providerMessageID {
                return false
            }
            guard let attempt = report.attempt else { return true }
            return row.earlierAttempts < attempt || report.status.rank >= MessageStatus.delivered.rank
        }
        guard let index = found else { return nil }
        if messages[index].providerMessageID == nil, isTaken(report.providerMessageID, index) { throw Taken() }
        let before = messages[index].status
        let climbs = before.rank < report.status.rank || flaw == .ladder
        if climbs { messages[index].status = report.status }
        messages[index].providerMessageID = messages[index].providerMessageID ?? report.providerMessageID
        if report.status == .failed, climbs {
            messages[index].error = report.fault
        } else if report.status.rank >= MessageStatus.delivered.rank || before != .failed {
            messages[index].error = nil
        }
        touched.append((index, .report))
        return (messages[index].id, before)
    }

    /// parked_status_insert
    mutating func park(_ report: Report, now: Timestamp) {
        guard flaw != .parking else { return }
        parked.append(
            ParkedRow(
                number: report.number, providerMessageID: report.providerMessageID, status: report.status,
                fault: report.fault, parkedAt: now))
    }

    /// parked_status_found: the places of those that a message has been found for since.
    func foundParked() -> [Int] {
        parked.indices.filter { place in
            messages.contains {
                $0.providerMessageID == parked[place].providerMessageID
                    && threads[$0.thread].number == parked[place].number
            }
        }
    }
}
