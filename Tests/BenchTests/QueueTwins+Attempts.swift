import Domain
import Postgres
import Storage

@testable import leadwire_bench

/// What workers do to both.
extension QueueTwins {
    mutating func accept() async throws -> String {
        let thread = dice.below(queue.threads.count)
        let key = dice.once(in: 2) ? dice.below(30) : nil
        let isHeld = dice.once(in: 4)
        let sendAt = isHeld && dice.once(in: 2) ? now + .seconds(60) : nil
        let validUntil = dice.once(in: 3) ? now + dice.duration(1000...200_000) : nil
        let fallback = SendRequest.TemplateContent(choice: .id(Template.ID(1)), variables: .absent)
        let send = Queue.Submission(
            key: key, thread: thread, content: .text("Hello"), category: nil, fallback: fallback, usedFallback: false,
            sendAt: sendAt, validUntil: validUntil, held: isHeld, now: now, owner: "p", leaseUntil: now + Self.lease)
        let row = queue.threads[thread]
        let submission = AcceptStore.Submission(
            account: Self.account, leadID: Lead.ID(1), contactID: row.contact,
            instanceID: queue.numbers[row.number].id, recipient: Recipient(kind: .waID, value: "55119"),
            content: .text("Hello"), text: "Hello", template: nil, usedFallback: false, replyTo: nil,
            replyToProviderID: nil, clientReference: nil, sentBy: nil, apiKeyID: APIKey.ID(1), sendAt: sendAt,
            validUntil: validUntil, held: isHeld,
            claim: key.map { IdempotencyStore.Claim(route: "r", key: "k\($0)", requestHash: []) }, now: now,
            leaseOwner: "p", leaseUntil: now + Self.lease, fallback: fallback,
            isContactPaced: row.pace != nil)
        let real = try await database.acceptance.accept(submission)
        let model = queue.accept(send)
        try agree(model?.dispatches, real?.dispatches, "accepted for sending")
        if let real { ids.append(real.standing.message.id) }
        guard let model, let real, model.dispatches else { return "accept \(model != nil) \(real != nil)" }
        let made = queue.attempt(
            queue.messages[Queue.index(model.id)], startedAt: now, firstStartedAt: now,
            lastInboundAt: row.lastInboundAt, consent: .init())
        hands.append((made, Self.renamed(made, real.standing.message.id)))
        return "accept, dispatched \(real.dispatches)"
    }

    /// The same attempt under the table's id.
    static func renamed(_ attempt: AttemptStore.Claimed, _ id: Message.ID) -> AttemptStore.Claimed {
        AttemptStore.Claimed(
            account: attempt.account, messageID: id, number: attempt.number, startedAt: attempt.startedAt,
            conversationID: attempt.conversationID, instanceID: attempt.instanceID, recipient: attempt.recipient,
            content: attempt.content, replyToProviderID: nil, presetProviderID: attempt.presetProviderID,
            lastInboundAt: attempt.lastInboundAt, firstStartedAt: attempt.firstStartedAt,
            earlierAttempts: attempt.earlierAttempts, validUntil: attempt.validUntil, isFirstContact: false,
            templateCategory: attempt.templateCategory, consent: attempt.consent)
    }

    static func facts(_ attempts: [AttemptStore.Claimed]) -> [String] {
        attempts.sorted { $0.messageID < $1.messageID }.map {
            "\($0.number) \(told($0.startedAt)) \(told($0.firstStartedAt)) \($0.earlierAttempts) "
                + "\(told($0.lastInboundAt)) \(told($0.validUntil)) \($0.presetProviderID ?? "-") \($0.conversationID)"
        }
    }

    struct Disagreement: Error {
        let words: String
    }

    func agree<Value: Equatable>(_ model: Value, _ real: Value, _ words: String) throws {
        if model != real { throw Disagreement(words: "\(words): the model \(model), the tables \(real)") }
    }

    mutating func claim() async throws -> String {
        let limit = 1 + dice.below(4)
        let owner = "p\(dice.below(3))"
        let number = dice.below(queue.numbers.count)
        let row = queue.numbers[number]
        let real = try await database.outbox.claim(
            of: .init(number: .init(account: Self.account, instance: row.id), provider: row.provider, limits: nil),
            for: .init(owner: owner, until: now + Self.lease), limit: limit, now: now
        ).sorted { $0.messageID < $1.messageID }
        let model = queue.claim(of: number, owner: owner, until: now + Self.lease, limit: limit, now: now).sorted {
            $0.messageID < $1.messageID
        }
        try agree(Self.facts(model), Self.facts(real), "claimed")
        hands += zip(model, real).map { ($0, $1) }
        return "claim \(model.count)"
    }

    /// Often one that is no longer whoever's it was.
    mutating func settle() async throws -> String {
        guard !hands.isEmpty else { return "nothing" }
        let place = dice.below(hands.count)
        let (model, real) = hands[place]
        if dice.once(in: 2) { hands.remove(at: place) }
        let (attempts, fault) = (database.attempts, Self.fault)
        switch dice.below(7) {
        case 0, 1:
            nextName += 1
            // Now and then the id of another.
            let id = dice.once(in: 5) ? "w.\(1 + dice.below(nextName))" : "w.\(nextName)"
            let told: Bool? = try? queue.settleAccepted(model, providerMessageID: id, now: now)
            let kept: Bool?
            do {
                kept =
                    try await attempts.settleAccepted(
                        real, providerMessageID: id, waID: nil, waMatchKey: nil, now: now) != nil
            } catch let error as PostgresError where error.isUniqueViolation {
                kept = nil
            }
            try agree(told, kept, "accepted")
        case 2, 3:
            let isClosed = dice.once(in: 2)
            let told = queue.settleEnded(
                model, .failed, fault, outcome: "refused", windowClosed: isClosed, now: now)
            let kept = try await attempts.settleFailed(real, fault, windowClosed: isClosed, now: now)
            try agree(told, kept != nil, "failed")
        case 4:
            let told = queue.settleEnded(model, .unknown, fault, outcome: "unknown", now: now)
            try agree(told, try await attempts.settleUnknown(real, fault, now: now) != nil, "unknown")
        case 5:
            let told = queue.settleEnded(model, .expired, fault, outcome: "not_sent", now: now)
            try agree(told, try await attempts.settleExpired(real, fault, now: now) != nil, "expired")
        default:
            let at = now + dice.duration(0...60_000)
            // Nobody says 131056 of a number without a pace.
            let isPaced = queue.threads[queue.messages[Queue.index(model.messageID)].thread].pace != nil
            let holds = isPaced && dice.once(in: 3)
            let told = queue.settleRequeued(
                model, fault, outcome: "refused", runAt: at, holdsContact: holds, now: now)
            let kept = try await attempts.settleRequeued(
                real, fault, outcome: "refused", runAt: at, holdsContact: holds, now: now)
            try agree(told, kept != nil, "requeued")
        }
        return "settle attempt \(model.number) of \(real.messageID)"
    }

    mutating func prepare() async throws -> String {
        guard !hands.isEmpty else { return "nothing" }
        let (model, real) = hands[dice.below(hands.count)]
        switch dice.below(3) {
        case 0:
            nextName += 1
            let told = queue.prepare(model, presetID: "q.\(nextName)")
            let kept = try await database.attempts.prepare(
                real, presetProviderID: "q.\(nextName)", recipient: nil)
            try agree(told, kept, "prepared")
        case 1:
            let told = queue.extend(model, until: now + .seconds(180))
            try agree(told, try await database.attempts.extend(real, until: now + .seconds(180)), "extended")
        default:
            let substitute = AttemptStore.Substitute(
                content: Self.template, recipient: real.recipient, type: "template", text: nil, details: nil,
                mediaID: nil,
                template: Message.TemplateReference(
                    id: Template.ID(1), name: "t", language: "pt_BR", category: "UTILITY"))
            let told = queue.replace(model, by: substitute)
            try agree(told, try await database.attempts.replace(real, by: substitute) != nil, "replaced")
        }
        return "prepare attempt \(model.number) of \(real.messageID)"
    }

    mutating func rescueAndExpire() async throws -> String {
        let rescued = queue.rescue(now: now, reason: Self.fault)
        try agree(rescued, try await database.outbox.rescue(now: now, limit: 500, reason: "r"), "rescued")
        let expired = queue.expire(now: now, reason: Self.fault)
        try agree(expired, try await database.outbox.expire(now: now, limit: 500, reason: "r"), "expired")
        return "rescue \(rescued), expire \(expired)"
    }
}
