import Domain
import EventLoop
import Storage

/// Judges the template that was given for a free-form message whose window closed before it left, by the rules of a
/// send (PRODUCT § 6.3).
@Reactor
struct FallbackJudge {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func judge(_ attempt: AttemptStore.Claimed, now: Timestamp) async throws -> FallbackVerdict {
        guard let kept = try await database.messages.kept(attempt.messageID, of: attempt.account),
            kept.fallback != nil, let request = kept.request, let lead = kept.message.leadID
        else { return .none }
        let found = try await database.sendContexts.find(
            SendContextStore.Inquiry(request, to: lead, by: nil, of: attempt.account))
        guard let context = found.context else {
            return .impossible(FallbackVerdict.fault("not_found", "the lead is archived"))
        }
        return FallbackVerdict(request, in: context, now: now)
    }
}
