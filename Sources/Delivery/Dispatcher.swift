import Domain
import EventLoop
import Providers
import Storage
import Telemetry

/// Makes attempts: the provider is called once for each, and what it says is written down.
@Reactor
final class Dispatcher {
    private let database: Database
    private let channels: Channels
    private let pacer: NumberPacer
    private let clock: Clock
    private let policy: RetryPolicy
    private let leaseTime: Duration
    private let courier: MediaCourier
    private let fallback: FallbackJudge
    let board = VerdictBoard()

    private let outcomes = Metrics.shared.counters(
        "leadwire_attempts_total", help: "Attempts at providers.", labels: ["provider", "outcome"])

    init(
        _ database: Database, _ channels: Channels, _ pacer: NumberPacer, _ courier: MediaCourier, clock: Clock,
        policy: RetryPolicy, leaseTime: Duration
    ) {
        self.database = database
        self.channels = channels
        self.pacer = pacer
        self.courier = courier
        fallback = FallbackJudge(database)
        self.clock = clock
        self.policy = policy
        self.leaseTime = leaseTime
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    /// Starts the attempt; whoever asks the board waits for its end.
    func dispatch(_ attempt: AttemptStore.Claimed) {
        let number = VerdictBoard.Number(of: attempt)
        board.begin(attempt.messageID, by: number)
        spawn {
            let verdict = await self.run(attempt)
            self.board.end(attempt.messageID, by: number, verdict)
        }
    }

    private func run(_ attempt: AttemptStore.Claimed) async -> MessageStore.Standing? {
        var lease = Lease(deadline: .now + leaseTime, until: attempt.startedAt + leaseTime)
        let channel: Channels.Channel
        do {
            guard let found = try await channels.channel(of: attempt.instanceID, account: attempt.account) else {
                let fault = ProviderFault(
                    provider: .cloudAPI, code: nil, title: "The number is no longer attached", details: nil,
                    retryable: false)
                return await settle(attempt, .refused(fault, .fail), until: lease.deadline)
            }
            channel = found
        } catch {
            // Nothing has left the process: back into the queue.
            let fault = ProviderFault(
                provider: .cloudAPI, code: nil, title: "The channel's settings could not be read", details: nil,
                retryable: true)
            return await settle(attempt, .notSent(fault), until: lease.deadline)
        }
        switch await call(attempt, channel, &lease) {
        case .expired(let fault):
            return await persist(attempt, until: lease.deadline) {
                try await $0.settleExpired(attempt, fault, now: self.now)
            }
        case .ended(let outcome):
            await courier.settle(outcome, of: attempt)
            return await settle(attempt, outcome, until: lease.deadline)
        }
    }

    /// Until when an attempt is this process's: by the clock that nobody sets, and by the one that the rescue goes by,
    /// from before the attempt was written.
    private struct Lease {
        var deadline: MonotonicTime
        var until: Timestamp
    }

    /// Everything between the claim and the provider's answer.
    ///
    /// - Parameter lease: put off where a file takes longer.
    private func call(
        _ attempt: AttemptStore.Claimed, _ channel: Channels.Channel, _ lease: inout Lease
    ) async -> AttemptEnding {
        var attempt = attempt
        switch await judged(attempt, channel) {
        case .stays(let ending): return ending
        case .leaves(let judged): attempt = judged
        }
        var recipient = attempt.recipient
        if channel.access.provider == .waha, recipient.kind == .phone {
            switch await channel.provider.resolveAddress(of: recipient, via: channel.access) {
            case .recipient(let resolved): recipient = resolved
            case .failed(let outcome): return .ended(outcome)
            }
        }
        let (content, file): (OutboundContent, OutboundFile?)
        switch await courier.carry(attempt, channel, extend: { try await self.extend(attempt, by: $0, &lease) }) {
        case .failed(let outcome): return .ended(outcome)
        case .ready(let named, let carried): (content, file) = (named, carried)
        }
        var preset = attempt.presetProviderID
        if preset == nil, channel.provider.takesPresetID(content) {
            switch await channel.provider.presetMessageID(via: channel.access) {
            case .id(let id): preset = id
            case .none: break
            case .failed(let outcome): return .ended(outcome)
            }
        }
        if preset != attempt.presetProviderID || recipient != attempt.recipient {
            do {
                let isOurs = try await database.attempts.prepare(
                    attempt, presetProviderID: preset, recipient: recipient == attempt.recipient ? nil : recipient)
                guard isOurs else { return .ended(.notSent(AttemptEnding.lostLease(channel.access.provider))) }
            } catch {
                return .ended(.notSent(AttemptEnding.lostLease(channel.access.provider)))
            }
        }
        let send = OutboundSend(
            recipient: recipient, content: content,
            callbackData: "\(attempt.account).\(attempt.messageID).\(attempt.number)",
            replyToProviderMessageID: attempt.replyToProviderID, file: file, presetMessageID: preset)
        let belated = AttemptEnding.belated(
            attempt, via: channel.access.provider, hasWindowRestriction: channel.hasWindowRestriction,
            isLeaseOver: MonotonicTime.now >= lease.deadline || now >= lease.until, now: now)
        if let belated { return belated }
        return .ended(await channel.provider.send(send, via: channel.access))
    }

    private func extend(
        _ attempt: AttemptStore.Claimed, by patience: Duration, _ lease: inout Lease
    ) async throws -> Bool {
        let later = Lease(deadline: .now + leaseTime + patience, until: now + leaseTime + patience)
        guard try await database.attempts.extend(attempt, until: later.until) else { return false }
        lease = later
        return true
    }

    private enum Judged {
        case leaves(AttemptStore.Claimed)
        case stays(AttemptEnding)
    }

    /// For a window that has closed since the message was taken there may be a template to send.
    private func judged(_ attempt: AttemptStore.Claimed, _ channel: Channels.Channel) async -> Judged {
        let refusal: ProviderFault
        let departure = Departure(
            attempt, via: channel.access.provider, hasWindowRestriction: channel.hasWindowRestriction, now: now)
        switch departure {
        case .free: return .leaves(attempt)
        case .expired(let fault): return .stays(.expired(fault))
        case .refused(let fault): return .stays(.ended(.refused(fault, .fail)))
        case .windowClosed(let fault): refusal = fault
        }
        do {
            switch try await fallback.judge(attempt, now: now) {
            case .none: return .stays(.ended(.refused(refusal, .fail)))
            case .impossible(let reason): return .stays(.ended(.refused(reason, .fail)))
            case .waits(let reason): return .stays(.ended(.notSent(reason)))
            case .stillOpen(let lastInboundAt):
                var attempt = attempt
                attempt.lastInboundAt = lastInboundAt
                return .leaves(attempt)
            case .template(let substitute):
                guard let replaced = try await database.attempts.replace(attempt, by: substitute) else {
                    return .stays(.ended(.notSent(AttemptEnding.lostLease(channel.access.provider))))
                }
                return .leaves(replaced)
            }
        } catch {
            return .stays(.ended(.notSent(AttemptEnding.lostLease(channel.access.provider))))
        }
    }

    private func settle(
        _ attempt: AttemptStore.Claimed, _ outcome: AttemptOutcome, until deadline: MonotonicTime
    ) async -> MessageStore.Standing? {
        let outcome = await kept(outcome, of: attempt)
        count(outcome)
        let settlement = Settlement(
            outcome, of: attempt, now: now, policy: policy, jitter: Double.random(in: 0..<1))
        let isInstanceDown = await refusesCredentials(settlement, attempt)
        if case .requeued(let fault, _, let at) = settlement, fault.isOf(.throughput) {
            pacer.hold(.init(of: attempt), until: at)
        }
        return await persist(attempt, until: deadline) { attempts in
            switch settlement {
            case .accepted(let id, let waID):
                return try await attempts.settleAccepted(
                    attempt, providerMessageID: id, waID: waID,
                    waMatchKey: waID.flatMap { PhoneNumber(waID: $0)?.matchKey ?? $0 }, now: self.now)
            case .failed(let fault, let windowClosed):
                return try await attempts.settleFailed(attempt, fault, windowClosed: windowClosed, now: self.now)
            case .unknown(let fault): return try await attempts.settleUnknown(attempt, fault, now: self.now)
            case .requeued(let fault, let outcome, let at):
                return try await attempts.settleRequeued(
                    attempt, fault, outcome: outcome, runAt: at, holdsContact: fault.isOf(.pairRateLimit),
                    now: self.now)
            case .held(let fault, let at):
                if isInstanceDown {
                    _ = try await self.database.instances.set(
                        .authFailed, providerStatus: fault.code, of: attempt.instanceID, account: attempt.account,
                        now: self.now)
                }
                return try await attempts.settleRequeued(attempt, fault, outcome: "refused", runAt: at, now: self.now)
            }
        }
    }

    /// Whether the provider refuses the number's token altogether: a read decides, so that one message that is refused
    /// with 190 does not stop all the others.
    private func refusesCredentials(_ settlement: Settlement, _ attempt: AttemptStore.Claimed) async -> Bool {
        guard case .held = settlement else { return false }
        if let channel = try? await channels.channel(of: attempt.instanceID, account: attempt.account),
            case .success(let session) = await channel.provider.sessionStatus(via: channel.access),
            session.status == .connected
        {
            return false
        }
        channels.forget(attempt.instanceID)
        return true
    }

    /// Writes until it is written or the lease is over; then the rescue calls the message unknown.
    private func persist(
        _ attempt: AttemptStore.Claimed, until deadline: MonotonicTime,
        _ write: @Reactor (AttemptStore) async throws -> MessageStore.Standing?
    ) async -> MessageStore.Standing? {
        var pause = Duration.milliseconds(50)
        while true {
            do {
                return try await write(database.attempts)
            } catch {
                Log.shared.warning(
                    "attempt.settle_failed",
                    ["message": .int(attempt.messageID.rawValue), "error": .string("\(error)")])
                guard StorageError.isPassing(error) else { return await giveUp(attempt) }
                guard MonotonicTime.now + pause < deadline else { return nil }
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
            }
        }
    }

    /// The provider answered with what cannot be kept, as an id that another message has: what became of ours is not
    /// known.
    private func giveUp(_ attempt: AttemptStore.Claimed) async -> MessageStore.Standing? {
        let fault = ProviderFault(
            provider: await provider(of: attempt), code: nil, title: "The provider's answer could not be kept",
            details: nil,
            retryable: false)
        return try? await database.attempts.settleUnknown(attempt, fault, now: now)
    }

    /// Whose answer it was, for the fault's name.
    private func provider(of attempt: AttemptStore.Claimed) async -> Instance.Provider {
        (try? await channels.channel(of: attempt.instanceID, account: attempt.account))?.access.provider ?? .cloudAPI
    }

    /// What a provider may call a message or a recipient: printable, and no longer than an index takes.
    private static func isKeepable(_ id: String) -> Bool {
        (1...512).contains(id.utf8.count) && id.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
    }

    /// The outcome without what the database would refuse.
    private func kept(_ outcome: AttemptOutcome, of attempt: AttemptStore.Claimed) async -> AttemptOutcome {
        guard case .accepted(let id, let waID) = outcome else { return outcome }
        guard Self.isKeepable(id) else {
            return .unknown(
                ProviderFault(
                    provider: await provider(of: attempt), code: nil, title: "A success with an unusable message id",
                    details: nil,
                    retryable: false))
        }
        return .accepted(providerMessageID: id, waID: waID.flatMap { Self.isKeepable($0) ? $0 : nil })
    }

    private func count(_ outcome: AttemptOutcome) {
        switch outcome {
        case .accepted: outcomes.labeled("any", "accepted").increment()
        case .refused(let fault, _): outcomes.labeled(fault.provider.rawValue, "refused").increment()
        case .notSent(let fault): outcomes.labeled(fault.provider.rawValue, "not_sent").increment()
        case .unknown(let fault): outcomes.labeled(fault.provider.rawValue, "unknown").increment()
        }
    }
}

extension ProviderFault {
    fileprivate func isOf(_ code: CloudAPIErrorCode) -> Bool {
        provider == .cloudAPI && self.code == code.description
    }
}

extension NumberPaceStore.Number {
    fileprivate init(of attempt: AttemptStore.Claimed) {
        self.init(account: attempt.account, instance: attempt.instanceID)
    }
}
