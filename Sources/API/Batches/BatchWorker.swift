import Crypto
import Domain
package import EventLoop
import JSON
import Storage
import Telemetry

/// Works templates to many off, turn by turn: whoever's turn it is is judged again by the one judgement of single sends,
/// and gets a message in the queue or the reason why not. Any number of processes do so beside each other.
@Reactor
package final class BatchWorker {
    /// A turn takes a fraction of a second; one that takes longer may be taken over, and then finds that it is no longer
    /// its own to commit.
    private static let leaseTime = Duration.seconds(10)
    /// How often a turn is judged anew, because somebody went into another contact before it could be written.
    private static let rejudgements = 3

    private let service: Service
    private let owner = Hex.encode(SecureRandom.bytes(8))

    package init(_ service: Service) { self.service = service }

    private var store: BatchStore { service.database.batches }

    /// Takes the next turn; whether there was one.
    package func work() async -> Bool {
        do {
            let now = service.now
            guard let claimed = try await store.claim(owner: owner, until: now + Self.leaseTime, now: now) else {
                return false
            }
            try await take(claimed)
            return true
        } catch {
            Log.shared.warning("batch.turn_failed", ["error": .string("\(error)")])
            return false
        }
    }

    private func take(_ claimed: BatchStore.Claimed) async throws {
        var run = 0
        while true {
            do {
                return try await turn(claimed)
            } catch {
                run += 1
                if error is StorageError.Outdated, run <= Self.rejudgements { continue }
                try? await store.release(claimed)
                throw error
            }
        }
    }

    private func turn(_ claimed: BatchStore.Claimed) async throws {
        let now = service.now
        let pending = try await store.pending(of: claimed)
        let (outcomes, isStopped) = try await outcomes(of: pending, claimed, now)
        try await service.database.write(by: claimed.actor, now: now) { [store] write in
            // Paused, canceled, or taken over: what is there is no longer ours.
            guard try await store.hold(claimed, in: write) else { return }
            try await store.settle(outcomes, of: claimed, in: write)
            if isStopped { try await store.pause(claimed, for: .instanceNotConnected, in: write) }
        }
    }

    /// - Returns: what becomes of each, and whether some were left because their number cannot send now.
    private func outcomes(
        of pending: [BatchStore.Pending], _ claimed: BatchStore.Claimed, _ now: Timestamp
    ) async throws -> ([(place: Int64, BatchStore.Outcome)], isStopped: Bool) {
        let language = Language(rawValue: claimed.language) ?? .english
        if let until = claimed.validUntil, until <= now {
            let refusal = Self.expired(language)
            return (pending.map { ($0.place, .skip(refusal)) }, false)
        }
        guard
            let template = BatchBody.template(
                in: claimed.content, claimed.variables, service.configuration.links)
        else { throw StorageError.missing("a batch's template") }
        let judge = BatchJudge(
            template: template, instanceID: claimed.content["instance_id"]?.int64.map { Instance.ID($0) },
            sentBy: claimed.content["sent_by"]?.string, validUntil: claimed.validUntil, account: claimed.account,
            instances: claimed.visible)
        let recipients = pending.map {
            BatchBody.Recipient(lead: $0.leadID, variables: $0.variables, clientReference: $0.clientReference)
        }
        let judged = try await judge.judge(recipients, service, now: now) { $0 }
        var outcomes: [(place: Int64, BatchStore.Outcome)] = []
        var isStopped = false
        for (entry, judged) in zip(pending, judged) {
            if judged.problem?.code == .instanceNotConnected {
                isStopped = true
            } else if let problem = judged.problem {
                outcomes.append((entry.place, .skip(.init(problem, language))))
            } else if let verdict = judged.verdict, let context = judged.context,
                let send = AcceptStore.Submission(
                    verdict, of: judged.request, in: context, by: claimed.key, of: claimed.account, held: true,
                    now: now)
            {
                outcomes.append((entry.place, .send(send)))
            }
        }
        return (outcomes, isStopped)
    }

    /// Their turn did not come in time, as a message's own may not.
    nonisolated private static func expired(_ language: Language) -> BatchStore.Refusal {
        let words = Words(
            "valid_until passed before their turn came.", "valid_until passou antes de chegar a vez deste lead.")
        return BatchStore.Refusal(
            code: MessageStatus.expired.rawValue,
            report: [
                "code": .string(MessageStatus.expired.rawValue), "message": .string(words.text(in: language)),
            ])
    }
}

extension BatchStore.Refusal {
    init(_ problem: Problem, _ language: Language) {
        self.init(code: problem.code.rawValue, report: KeptReport.of(problem, [], language) ?? .null)
    }
}
