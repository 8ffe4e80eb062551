import Domain
import EventLoop
import JSON
import Storage

/// Judges recipients of a batch as single sends are judged, some hundreds in a trip to the database.
struct BatchJudge: Sendable {
    private static let recipientsAtOnce = 500

    let template: SendRequest.TemplateContent
    let instanceID: Instance.ID?
    let sentBy: String?
    let validUntil: Timestamp?
    let account: Account.ID
    /// Those that the batch's maker sees; nil is all.
    let instances: Set<Instance.ID>?

    /// A recipient with the verdict of the send to them.
    struct Judged: Sendable {
        let request: SendRequest
        let context: SendContext?
        let verdict: SendVerdict?
        /// What a single send would answer with; nil when it is allowed.
        let problem: Problem?
    }

    /// In their order.
    ///
    /// - Parameter keeping: what is kept of each: all that a judgement rests on, ten thousand times, is much.
    @Reactor
    func judge<Kept: Sendable>(
        _ recipients: [BatchBody.Recipient], _ service: Service, now: Timestamp,
        keeping: @escaping @Sendable (Judged) -> Kept
    ) async throws -> [Kept] {
        var judged: [Kept] = []
        judged.reserveCapacity(recipients.count)
        var start = 0
        while start < recipients.count {
            let part = recipients[start..<min(start + Self.recipientsAtOnce, recipients.count)]
            let requests = part.map(request)
            let contexts = try await service.database.sendContexts.find(
                all: zip(part, requests).map {
                    SendContextStore.Inquiry($1, to: $0.lead, seeing: instances, of: account)
                })
            judged += try await ThreadPool.compute.run {
                zip(requests, contexts).map { keeping(Self.judge($0, in: $1, now: now)) }
            }
            start += part.count
        }
        return judged
    }

    private func request(to recipient: BatchBody.Recipient) -> SendRequest {
        var own = template
        own.variables = (recipient.variables.flatMap(VariablesInput.init) ?? .absent).over(template.variables)
        return SendRequest(
            content: .template(own), instanceID: instanceID, clientReference: recipient.clientReference, sentBy: sentBy,
            validUntil: validUntil)
    }

    private static func judge(_ request: SendRequest, in context: SendContext?, now: Timestamp) -> Judged {
        guard let context else {
            return Judged(request: request, context: nil, verdict: nil, problem: Problem(.notFound))
        }
        let verdict = SendDecision.judge(request, in: context, now: now)
        return Judged(request: request, context: context, verdict: verdict, problem: Problem.from(verdict))
    }
}

extension BatchJudge.Judged {
    /// The fault of what all share, whoever the recipient is: no such template, or no such instance.
    var isSharedFault: Bool {
        verdict?.faults.contains { $0.code == .instanceNotFound || $0.code == .templateNotFound } ?? false
    }
}
