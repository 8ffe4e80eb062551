import Domain
import Postgres
import Storage

@testable import leadwire_bench

/// What people and providers do to both.
extension QueueTwins {
    var actor: Actor { Actor(account: Self.account, apiKeyID: APIKey.ID(1), requestID: nil) }

    mutating func anyMessage() -> Message.ID? {
        queue.messages.isEmpty ? nil : queue.messages[dice.below(queue.messages.count)].id
    }

    mutating func cancel() async throws -> String {
        guard let id = anyMessage() else { return "nothing" }
        let real = ids[Queue.index(id)]
        let kept = try await database.write(by: actor, now: now) { [database] in
            try await database.messages.cancel(real, in: $0) != nil
        }
        try agree(queue.cancel(id, reason: Self.fault), kept, "canceled")
        return "cancel \(real)"
    }

    mutating func resolve() async throws -> String {
        guard let id = queue.messages.first(where: { $0.status == .unknown })?.id ?? anyMessage() else {
            return "nothing"
        }
        let (real, status) = (ids[Queue.index(id)], dice.once(in: 2) ? MessageStatus.failed : .sent)
        let kept = try await database.write(by: actor, now: now) { [database] in
            try await database.messages.resolve(real, as: status, in: $0) != nil
        }
        try agree(queue.resolve(id, as: status), kept, "resolved")
        return "resolve \(real)"
    }

    mutating func retry() async throws -> String {
        let ended = queue.messages.filter { [.failed, .expired, .unknown].contains($0.status) }
        guard !ended.isEmpty, let any = anyMessage() else { return "nothing" }
        // Now and then one that is no longer, or never was, as it is said to have been judged.
        let isStale = dice.once(in: 4)
        let row = isStale ? queue.messages[Queue.index(any)] : ended[dice.below(ended.count)]
        let real = ids[Queue.index(row.id)]
        guard let standing = try await database.messages.get(real, of: Self.account) else { return "nothing" }
        var judged = standing.message
        if isStale, dice.once(in: 2) { judged.status = .failed }
        if isStale, dice.once(in: 2) { judged.attempts += 1 }
        guard [.failed, .expired, .unknown].contains(judged.status) else { return "nothing" }
        let isHeld = dice.once(in: 3)
        let told = queue.retry(
            row.id,
            Queue.Retry(
                judged: judged.status, attempts: judged.attempts, content: row.content, category: row.category,
                usedFallback: row.usedFallback, held: isHeld, owner: "p", leaseUntil: now + Self.lease), now: now)
        let retry = MessageStore.Retry(
            of: judged, content: row.content, recipient: Recipient(kind: .waID, value: "55119"),
            type: "text", text: nil, details: nil, mediaID: nil, template: nil, usedFallback: row.usedFallback,
            replyToProviderID: nil, held: isHeld, runAt: nil,
            isContactPaced: queue.threads[row.thread].pace != nil, isTierCounted: false,
            leaseOwner: "p", leaseUntil: now + Self.lease)
        let kept = try await database.write(by: actor, now: now) { [database] in
            try await database.messages.retry(retry, as: .retry, in: $0)
        }
        try agree(told, kept.map { $0.attempt != nil }, "retried")
        guard told == true, let attempt = kept?.attempt else { return "retry \(real): \(told as Bool?)" }
        let made = queue.attempt(
            queue.messages[Queue.index(row.id)], startedAt: now, firstStartedAt: now,
            lastInboundAt: standing.lastInboundAt, consent: .init())
        hands.append((made, attempt))
        return "retry \(real)"
    }

    mutating func report() async throws -> String {
        let statuses: [MessageStatus] = [.sent, .delivered, .read, .played, .failed]
        let status = statuses[dice.below(statuses.count)]
        let number = dice.below(queue.numbers.count)
        let named = anyMessage().flatMap { id in
            queue.threads[queue.messages[Queue.index(id)].thread].number == number && dice.once(in: 2) ? id : nil
        }
        let attempt = named.map { 1 + dice.below(queue.messages[Queue.index($0)].attempts + 1) }
        // A report that names a message is under its own id, or one that we have not heard of.
        let candidates = named.map { [queue.messages[Queue.index($0)]] } ?? queue.messages
        let known = candidates.flatMap { [$0.providerMessageID, $0.presetID] }.compactMap { $0 }
        let name = dice.once(in: 4) || known.isEmpty ? "x.\(dice.below(20))" : known[dice.below(known.count)]
        let fault = status == .failed ? Self.fault : nil
        let told = Queue.Report(
            number: number, messageID: named, attempt: attempt, providerMessageID: name, status: status, fault: fault)
        let report = InboundStore.Report(
            messageID: named.map { ids[Queue.index($0)] }, attempt: attempt, providerMessageID: name, status: status,
            at: now, fault: fault)
        guard let target = try await database.inbound.target(hook: 1, providerKey: "k\(number + 1)") else {
            throw Disagreement(words: "no number")
        }
        var isKnown: Bool?
        do {
            isKnown = try queue.apply(told) != nil
            if isKnown == false { queue.park(told, now: now) }
        } catch {
            isKnown = nil
        }
        var isApplied: Bool?
        do {
            isApplied = try await database.inbound.apply(report, to: target, now: now)
        } catch let error as PostgresError where error.isUniqueViolation {
            isApplied = nil
        }
        try agree(isKnown, isApplied, "reported")
        return "report \(status) of \(name), attempt \(attempt as Int?) of \(report.messageID as Message.ID?)"
    }

    mutating func applyParked() async throws -> String {
        let found = try await database.parkedStatuses.found(limit: 200)
        let places = queue.foundParked()
        try agree(places.count, found.count, "found parked")
        for parked in found {
            _ = try await database.inbound.apply(parked.report, of: parked.account, parked.instance, now: now)
            try await database.parkedStatuses.remove(parked)
        }
        for place in places {
            let row = queue.parked[place]
            _ = try queue.apply(
                Queue.Report(
                    number: row.number, providerMessageID: row.providerMessageID, status: row.status,
                    fault: row.fault))
        }
        for place in places.reversed() { queue.parked.remove(at: place) }
        return "parked \(found.count)"
    }

    mutating func change() async throws -> String {
        let number = dice.below(queue.numbers.count)
        let status: Instance.Status = queue.numbers[number].status == .connected ? .disconnected : .connected
        queue.numbers[number].status = status
        _ = try await database.instances.set(
            status, providerStatus: nil, of: queue.numbers[number].id, account: Self.account, now: now)
        return "number \(number) \(status)"
    }
}
