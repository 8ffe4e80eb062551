import Domain
import JSON
import Storage

extension World {
    /// A send as a client asks for it; under a key it is asked for again until it is answered.
    struct Wish {
        var key: Int?
        var thread: Int
        var request: SendRequest
    }

    static let utility = template(1, "UTILITY")
    static let marketing = template(2, "MARKETING")

    private static func template(_ id: Int64, _ category: String) -> Template {
        Template(
            id: Template.ID(id), accountID: Queue.account, businessAccountID: "b", name: "t\(id)", language: "pt_BR",
            category: category, status: .approved, providerStatus: "APPROVED", instanceID: nil,
            parameterFormat: .positional, labels: [], components: [["type": "BODY", "text": "Hello"]],
            qualityRating: nil, syncedAt: nil)
    }

    private static func choice(_ template: Template) -> SendRequest.TemplateContent {
        SendRequest.TemplateContent(choice: .id(template.id), variables: .absent)
    }

    /// All that the thread's contact is judged by.
    func context(_ thread: Int) -> SendContext {
        let row = queue.threads[thread]
        let number = queue.numbers[row.number]
        let instance = Instance(
            id: number.id, accountID: Queue.account, provider: number.provider, displayName: "", phoneNumber: "+1",
            isPrimary: true, status: number.status, providerStatus: nil, businessAccountID: "b", qualityRating: nil,
            messagingLimit: nil, lastInboundAt: nil)
        let conversation = Conversation(
            id: row.id, instanceID: number.id, recipient: Recipient(kind: .waID, value: "55119"),
            lastInboundAt: row.lastInboundAt, lastMessageAt: now)
        return SendContext(
            leadID: Lead.ID(row.contact.rawValue), contactID: row.contact, phone: "+55119", addresses: [],
            consent: row.consent, instances: [instance], conversations: [conversation],
            templates: [Self.utility, Self.marketing], approvedTemplates: [], replyTarget: nil)
    }

    func send() -> Bool {
        // Often to whom it was sent last.
        if dice.once(in: 2) { lastThread = dice.below(queue.threads.count) }
        let thread = lastThread
        let number = queue.numbers[queue.threads[thread].number]
        var request: SendRequest
        switch dice.below(number.provider == .cloudAPI ? 10 : 7) {
        case ..<5: request = SendRequest(content: .text("Hello"), instanceID: number.id)
        case ..<7:
            request = SendRequest(
                content: .media(MediaRequest(kind: .image, reference: .link("https://a.example/b"))),
                instanceID: number.id)
        case 7: request = SendRequest(content: .template(Self.choice(Self.marketing)), instanceID: number.id)
        default: request = SendRequest(content: .template(Self.choice(Self.utility)), instanceID: number.id)
        }
        if number.provider == .cloudAPI, request.content.needsOpenWindow, dice.once(in: 3) {
            request.fallback = Self.choice(dice.once(in: 3) ? Self.marketing : Self.utility)
        }
        if dice.once(in: 12) { request.sendAt = now + dice.duration(1000...40_000_000) }
        if dice.once(in: 8) { request.validUntil = (request.sendAt ?? now) + dice.duration(1000...600_000) }
        nextKey += 1
        return submit(Wish(key: dice.once(in: 4) ? nil : nextKey, thread: thread, request: request))
    }

    func repeatSend() -> Bool {
        guard !unanswered.isEmpty else { return false }
        return submit(unanswered.remove(at: dice.below(unanswered.count)))
    }

    private func submit(_ wish: Wish) -> Bool {
        let process = dice.below(processes.count)
        guard processes[process].isAwake else {
            if wish.key != nil { unanswered.append(wish) }
            return true
        }
        if let key = wish.key, queue.keys[key] != nil {
            tally.count(.sendRepeated)
            return true
        }
        let verdict = SendDecision.judge(wish.request, in: context(wish.thread), now: now)
        guard verdict.isAllowed, let content = verdict.content else {
            tally.count(.sendRefused)
            return true
        }
        if dice.once(in: 150) {
            tally.count(.killedBeforeCommit)
            unanswered.append(wish)
            return kill(process)
        }
        let submission = Queue.Submission(
            key: wish.key, thread: wish.thread, content: content, category: verdict.template?.category,
            fallback: verdict.usedFallback ? nil : wish.request.fallback, usedFallback: verdict.usedFallback,
            sendAt: wish.request.sendAt, validUntil: wish.request.validUntil, held: verdict.held, now: now,
            owner: owner(process), leaseUntil: now + Self.leaseTime)
        let isBehind = queue.isBehind(nil, in: wish.thread, now: now)
        guard let accepted = queue.accept(submission) else { return true }
        tell("message \(accepted.id) of thread \(wish.thread) is taken, \(accepted.dispatches ? "sending" : "queued")")
        judge.taken(accepted.id, under: wish.key)
        if accepted.dispatches { judge.begins(accepted.id, in: queue, now: now) }
        if verdict.usedFallback { tally.count(.acceptedWithFallback) }
        tally.count(
            accepted.dispatches
                ? .acceptedToDispatch : verdict.held ? .acceptedToWait : isBehind ? .acceptedBehind : .acceptedPaced)
        if dice.once(in: 100) {
            tally.count(.killedAfterCommit)
            if wish.key != nil { unanswered.append(wish) }
            return kill(process)
        }
        if flaw == .idempotency, let key = wish.key { queue.keys[key] = accepted.id }
        // It is asked again under its key, finds its own, and goes on.
        if wish.key != nil, dice.once(in: 60) { tally.count(.commitUnknown) }
        guard accepted.dispatches else { return true }
        let row = queue.messages[Queue.index(accepted.id)]
        board(
            queue.attempt(
                row, startedAt: now, firstStartedAt: now, lastInboundAt: verdict.window?.lastInboundAt,
                consent: .init()), process)
        return true
    }

}
