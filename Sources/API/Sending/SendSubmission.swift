import Domain
import Storage

extension AcceptStore.Submission {
    /// What is written for a send that is allowed; nil for one that is not.
    ///
    /// - Parameters:
    ///   - held: kept in the outbox without a first attempt.
    ///   - runAt: not taken out of it before.
    ///   - isTierCounted: its contact counts for a messaging limit, if it goes at once.
    init?(
        _ verdict: SendVerdict, of request: SendRequest, in context: SendContext, by key: APIKey.ID,
        of account: Account.ID, under claim: IdempotencyStore.Claim? = nil, held: Bool,
        runAt: Timestamp? = nil, isTierCounted: Bool = false, now: Timestamp, leaseOwner: String = "",
        leaseUntil: Timestamp? = nil
    ) {
        guard verdict.isAllowed, let instance = verdict.instance, let recipient = verdict.recipient,
            let content = verdict.content
        else { return nil }
        self.init(
            account: account, leadID: context.leadID, contactID: context.contactID, instanceID: instance.id,
            recipient: recipient, content: content, text: verdict.text,
            template: verdict.template.map(Message.TemplateReference.init), usedFallback: verdict.usedFallback,
            replyTo: request.replyTo, replyToProviderID: verdict.replyToProviderMessageID,
            clientReference: request.clientReference, sentBy: request.sentBy, apiKeyID: key, sendAt: request.sendAt,
            validUntil: request.validUntil, held: held, claim: claim, now: now, leaseOwner: leaseOwner,
            leaseUntil: leaseUntil ?? now, type: verdict.type, details: verdict.details.json,
            mediaID: verdict.details.media?.stored?.id, fallback: verdict.usedFallback ? nil : request.fallback,
            runAt: runAt, isContactPaced: instance.contactPace != nil, isTierCounted: isTierCounted)
    }
}
