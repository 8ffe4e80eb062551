import Domain
import EventLoop
import JSON
import Providers
import Storage
import Telemetry

/// Applies stored webhook bodies, item by item: one bad item harms no other.
@Reactor
final class InboundProcessor {
    /// A body that is still pending after this long lost the process that took it.
    private static let patience = Duration.seconds(10)
    private static let interval = Duration.seconds(5)
    private static let batch = 100

    private let database: Database
    private let erasureHashes: ErasureStore.Hashes
    private let clock: Clock
    private let collector: MediaCollector
    private let duty = RecurringDuty(every: interval)
    private var underWay: Set<Int64> = []

    init(
        _ database: Database, _ collector: MediaCollector, erasureHashes: @escaping ErasureStore.Hashes, clock: Clock
    ) {
        self.database = database
        self.collector = collector
        self.erasureHashes = erasureHashes
        self.clock = clock
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    func start() { duty.start { await self.takeUpAbandoned() } }

    func stop() { duty.stop() }

    private func takeUpAbandoned() async {
        do {
            let before = Timestamp(microseconds: now.microseconds - Self.patience.microseconds)
            for pending in try await database.hooks.pending(before: before, limit: Self.batch) {
                await apply(pending)
            }
        } catch {
            Log.shared.warning("inbound.sweep_failed", ["error": .string("\(error)")])
        }
    }

    func process(_ pending: HookStore.Pending) {
        spawn { await self.apply(pending) }
    }

    private func apply(_ pending: HookStore.Pending) async {
        guard underWay.insert(pending.id).inserted else { return }
        defer { underWay.remove(pending.id) }
        do {
            let (failures, isWhole) = try await apply(pending, only: nil)
            // Where something was taken out the items are others now: the failures are found in what is left.
            guard isWhole || failures.isEmpty else { return }
            try await database.hooks.finish(
                pending.id, of: pending.hook.id, receivedAt: pending.receivedAt, failures: failures, now: now)
        } catch {
            // The database may be away for a moment: the body stays pending, and is taken up again.
            Log.shared.warning("inbound.body_failed", ["body": .int(pending.id), "error": .string("\(error)")])
        }
    }

    /// Applies the items of a body, each by itself; what was applied before stays as it is.
    ///
    /// - Parameter items: by their places; nil: all of them.
    /// - Returns: those that will fail again however often they are tried, and whether the stored body is as it was.
    /// - Throws: what may pass.
    func apply(
        _ pending: HookStore.Pending, only items: Set<Int>?
    ) async throws -> (failures: [HookStore.Failure], isWhole: Bool) {
        let all =
            pending.hook.provider == .cloudAPI
            ? CloudAPIWebhook.items(of: pending.body) : WAHAWebhook.items(of: pending.body)
        var failures: [HookStore.Failure] = []
        var targets: [String: InboundStore.Target?] = [:]
        var strangers: Strangers = [:]
        for (index, item) in all.enumerated() where items?.contains(index) ?? true {
            func fail(_ reason: String) {
                failures.append(.init(item: index, providerKey: item.instance?.name.storable, reason: reason))
            }
            do {
                try await apply(item, hook: pending.hook.id, &targets, &strangers)
            } catch let error as ItemError {
                fail(error.reason)
            } catch  where !StorageError.isPassing(error) {
                // What the database cannot hold today it cannot hold tomorrow: the next items get their turn.
                Log.shared.error(
                    "inbound.item_refused", ["body": .int(pending.id), "error": .string("\(error)")])
                fail("the database cannot hold this item")
            }
        }
        for place in (items ?? []).sorted() where place >= all.count {
            failures.append(.init(item: place, providerKey: nil, reason: "the body has no such item any more"))
        }
        var isWhole = true
        for (account, identifiers) in strangers {
            if try await redact(pending, ofErased: identifiers, of: account) { isWhole = false }
        }
        return (failures, isWhole)
    }

    /// Whom reports named that were about no message or contact of ours, by account. They may be people who were
    /// erased.
    private typealias Strangers = [Account.ID: [ContactIdentifier]]

    private func redact(
        _ pending: HookStore.Pending, ofErased strangers: [ContactIdentifier], of account: Account.ID
    ) async throws -> Bool {
        let (erasures, hashes) = (database.erasures, erasureHashes)
        let actor = Actor(account: account, apiKeyID: nil, requestID: nil)
        return try await database.write(by: actor, now: now) { write in
            try await erasures.redact(pending, ofErased: strangers, hashes: hashes, in: write)
        }
    }

    /// An item that will fail again, however often it is tried.
    private struct ItemError: Error { let reason: String }

    private func apply(
        _ item: InboundItem, hook: Int64, _ targets: inout [String: InboundStore.Target?],
        _ strangers: inout Strangers
    ) async throws {
        switch item {
        case .message(let message):
            let target = try await target(message.instance, hook: hook, &targets)
            let received = try Self.received(message, target)
            if try await database.inbound.apply(received, to: target, now: now), received.media != nil {
                collector.wake()
            }
        case .status(let update):
            let target = try await target(update.instance, hook: hook, &targets)
            let own = Self.attempt(update.callbackData, of: target.account)
            let report = InboundStore.Report(
                messageID: own?.message, attempt: own?.number,
                providerMessageID: update.providerMessageID, status: update.status, at: update.timestamp,
                fault: update.errors.first)
            if try await !database.inbound.apply(report, to: target, now: now) {
                strangers[target.account, default: []] += Self.identifiers(of: update.recipient, target)
            }
        case .preference(let preference):
            let target = try await target(preference.instance, hook: hook, &targets)
            let identifiers = Self.identifiers(of: preference.user, target)
            let isKnown = try await database.inbound.apply(
                .init(identifiers: identifiers, isStopped: preference.isStopped, at: preference.timestamp), to: target,
                now: now)
            if !isKnown { strangers[target.account, default: []] += identifiers }
        case .messagingLimit(let update):
            let instances = database.instances
            let word = update.word.storable
            for account in try await instances.accounts(ofBusiness: update.businessAccountID.storable, under: hook) {
                try await instances.setMessagingLimit(
                    word, ofBusiness: update.businessAccountID.storable, under: hook, account: account, now: now)
            }
        case .session(let update):
            let target = try await target(update.instance, hook: hook, &targets)
            _ = try await database.instances.set(
                update.session.status, providerStatus: update.session.providerStatus, of: target.instance,
                account: target.account, now: now)
        case .other, .ignored: break
        case .malformed(let reason, _): throw ItemError(reason: reason)
        }
    }

    private func target(
        _ key: InstanceKey, hook: Int64, _ targets: inout [String: InboundStore.Target?]
    ) async throws -> InboundStore.Target {
        let name = key.name
        if targets[name] == nil {
            targets[name] = .some(try await database.inbound.target(hook: hook, providerKey: name))
        }
        guard let known = targets[name], let target = known else {
            throw ItemError(reason: "no instance with this number is attached under this hook")
        }
        return target
    }

    /// Our callback data, if it names this account: `account.message.attempt`.
    private static func attempt(
        _ callback: String?, of account: Account.ID
    ) -> (message: Message.ID, number: Int?)? {
        let parts = callback?.split(separator: ".") ?? []
        guard parts.count == 3, Int64(parts[0]) == account.rawValue, let id = Int64(parts[1]) else { return nil }
        return (Message.ID(id), Int32(parts[2]).map(Int.init))
    }

    private static func identifiers(
        of sender: SenderIdentifiers, _ target: InboundStore.Target
    ) -> [ContactIdentifier] {
        var identifiers: [ContactIdentifier] = []
        if let waID = sender.waID {
            identifiers.append(
                ContactIdentifier(
                    kind: .waID, value: waID, matchKey: PhoneNumber(waID: waID)?.matchKey ?? waID))
        }
        if let lid = sender.lid {
            identifiers.append(ContactIdentifier(kind: .lid, value: lid, matchKey: lid))
        }
        if let bsuid = sender.bsuid {
            identifiers.append(
                ContactIdentifier(
                    kind: .bsuid, scope: target.businessAccountID ?? "", value: bsuid, matchKey: bsuid))
        }
        return identifiers
    }

    private static func received(
        _ message: InboundMessage, _ target: InboundStore.Target
    ) throws -> InboundStore.Received {
        let sender = message.sender
        let recipient =
            sender.waID.map { Recipient(kind: .waID, value: $0) } ?? sender.lid.map { Recipient(kind: .lid, value: $0) }
            ?? sender.bsuid.map { Recipient(kind: .bsuid, value: $0) }
        let phone = sender.waID.flatMap { PhoneNumber(waID: $0)?.e164 }
        guard let recipient else { throw ItemError(reason: "the message names no sender") }
        return InboundStore.Received(
            providerMessageID: message.providerMessageID, identifiers: identifiers(of: sender, target),
            recipient: recipient,
            phone: phone, profileName: message.profileName?.storable, at: message.timestamp,
            type: message.type.storable,
            text: message.text?.storable, content: message.raw.storable,
            opensWindow: message.opensWindow, isStop: message.text.map(StopWords.contains) ?? false,
            media: message.media.map(Self.file))
    }

    /// No longer than the columns are meant for.
    private static func file(_ media: InboundMedia) -> InboundMedia {
        InboundMedia(
            kind: media.kind, mimeType: String(media.mimeType.storable.prefix(255)),
            filename: media.filename.map { String($0.storable.prefix(240)) }, place: media.place.storable,
            sha256: media.sha256)
    }
}
