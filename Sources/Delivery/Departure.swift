package import Domain
package import Storage

/// Whether an attempt may leave for the provider now: what was true when its message was taken may be so no more
/// (PRODUCT § 6.2, 6.3).
package enum Departure: Sendable, Hashable {
    case free
    /// `valid_until` has passed.
    case expired(ProviderFault)
    case refused(ProviderFault)
    /// Free text, and its window has closed: there may be a template to send.
    case windowClosed(ProviderFault)

    package init(
        _ attempt: AttemptStore.Claimed, via provider: Instance.Provider, hasWindowRestriction: Bool, now: Timestamp
    ) {
        func fault(_ code: String?, _ title: String, of provider: Instance.Provider) -> ProviderFault {
            ProviderFault(provider: provider, code: code, title: title, details: nil, retryable: false)
        }
        if let until = attempt.validUntil, until <= now {
            self = .expired(fault(nil, "valid_until passed before it could be sent", of: provider))
            return
        }
        var isTemplate = false
        if case .template = attempt.content { isTemplate = true }
        let refusal = DispatchJudgement.refusal(
            isTemplate: isTemplate, category: attempt.templateCategory, hasWindowRestriction: hasWindowRestriction,
            window: ServiceWindow(instanceID: attempt.instanceID, lastInboundAt: attempt.lastInboundAt, now: now),
            consent: attempt.consent)
        switch refusal {
        case nil: self = .free
        case .windowClosed?:
            let code = CloudAPIErrorCode.windowClosed
            self = .windowClosed(fault(code.description, code.title, of: .cloudAPI))
        case let code?:
            self = .refused(fault(code.rawValue, "The contact asked not to be written to", of: provider))
        }
    }
}
