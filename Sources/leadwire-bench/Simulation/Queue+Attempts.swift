import Domain
import Storage

/// The steps of one attempt after it was claimed, as `AttemptStore` has them.
extension Queue {
    /// Another message of the number has that id at the provider: the unique key refuses it.
    struct Taken: Error {}

    /// Whether the message is still in this attempt's hands.
    private func isOurs(_ attempt: AttemptStore.Claimed) -> Bool {
        let row = messages[Self.index(attempt.messageID)]
        return (row.attempts == attempt.number || flaw == .fencing) && row.status == .sending
    }

    /// As `isOurs`, for what settles: the attempt is the last, and nobody asked for another since.
    private func isLast(_ attempt: AttemptStore.Claimed) -> Bool {
        let row = messages[Self.index(attempt.messageID)]
        return (row.attempts == attempt.number && row.earlierAttempts < attempt.number) || flaw == .fencing
    }

    /// attempt_preset
    mutating func prepare(_ attempt: AttemptStore.Claimed, presetID: String) -> Bool {
        guard isOurs(attempt) else { return false }
        messages[Self.index(attempt.messageID)].presetID = presetID
        return true
    }

    /// attempt_fallback
    mutating func replace(_ attempt: AttemptStore.Claimed, by substitute: AttemptStore.Substitute) -> Bool {
        guard isOurs(attempt) else { return false }
        let index = Self.index(attempt.messageID)
        messages[index].content = substitute.content
        messages[index].category = substitute.template.category
        messages[index].usedFallback = true
        messages[index].fallback = nil
        return true
    }

    /// attempt_lease
    mutating func extend(_ attempt: AttemptStore.Claimed, until lease: Timestamp) -> Bool {
        guard isOurs(attempt), let place = place(attempt.messageID), outbox[place].leaseUntil != nil else {
            return false
        }
        outbox[place].leaseUntil = lease
        return true
    }

    /// attempt_accepted; whether anything was changed.
    mutating func settleAccepted(
        _ attempt: AttemptStore.Claimed, providerMessageID: String, now: Timestamp
    ) throws(Taken) -> Bool {
        let index = Self.index(attempt.messageID)
        let mayTouch = isLast(attempt) && messages[index].status.rank < 100
        if mayTouch, messages[index].providerMessageID == nil, isTaken(providerMessageID, index) { throw Taken() }
        finish(index, attempt.number, "accepted", now)
        if isLast(attempt) { leave(attempt.messageID) }
        if mayTouch {
            if messages[index].status.rank < MessageStatus.accepted.rank { messages[index].status = .accepted }
            messages[index].providerMessageID = messages[index].providerMessageID ?? providerMessageID
            if messages[index].status != .failed { messages[index].error = nil }
        }
        touched.append((index, .engine))
        return mayTouch
    }

    func isTaken(_ providerMessageID: String, _ index: Int) -> Bool {
        let number = threads[messages[index].thread].number
        return messages.indices.contains {
            $0 != index && messages[$0].providerMessageID == providerMessageID
                && threads[messages[$0].thread].number == number
        }
    }

    /// attempt_ended: failed, unknown and expired alike.
    mutating func settleEnded(
        _ attempt: AttemptStore.Claimed, _ status: MessageStatus, _ fault: ProviderFault, outcome: String,
        windowClosed: Bool = false, now: Timestamp
    ) -> Bool {
        let index = Self.index(attempt.messageID)
        let rank = messages[index].status.rank
        let mayTouch = isLast(attempt) && rank < MessageStatus.accepted.rank && rank < status.rank
        finish(index, attempt.number, outcome, now)
        if isLast(attempt) { leave(attempt.messageID) }
        if mayTouch {
            messages[index].status = status
            messages[index].error = fault
            let thread = messages[index].thread
            if windowClosed, let last = threads[thread].lastInboundAt, last <= attempt.startedAt {
                let closed = Timestamp(
                    microseconds: attempt.startedAt.microseconds - ServiceWindow.length.microseconds)
                threads[thread].lastInboundAt = min(last, closed)
            }
        }
        touched.append((index, .engine))
        return mayTouch
    }

    /// attempt_requeued
    ///
    /// - Parameter holdsContact: nothing else goes to them before `runAt` either.
    mutating func settleRequeued(
        _ attempt: AttemptStore.Claimed, _ fault: ProviderFault, outcome: String, runAt: Timestamp,
        holdsContact: Bool = false, now: Timestamp
    ) -> Bool {
        let index = Self.index(attempt.messageID)
        let mayTouch = isOurs(attempt)
        finish(index, attempt.number, outcome, now)
        if mayTouch {
            messages[index].status = .queued
            messages[index].error = fault
            let thread = messages[index].thread
            if holdsContact, let held = threads[thread].pace?.paidUntil(opening: runAt) {
                threads[thread].pacedUntil = max(threads[thread].pacedUntil ?? held, held)
            }
            if let place = place(attempt.messageID) {
                outbox[place].runAt = runAt
                outbox[place].leaseOwner = nil
                outbox[place].leaseUntil = nil
            }
        }
        touched.append((index, .requeue))
        return mayTouch
    }
}
