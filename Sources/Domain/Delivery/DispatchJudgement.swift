/// What is judged again when a message leaves the queue: time has passed since it was taken (PRODUCT § 6.2, 6.3).
package enum DispatchJudgement {
    /// Why the message may not go out now; nil when it may.
    ///
    /// - Parameter category: the template's; nil for free text.
    package static func refusal(
        isTemplate: Bool, category: String?, hasWindowRestriction: Bool, window: ServiceWindow,
        consent: SendContext.Consent
    ) -> SendFault.Code? {
        if isTemplate {
            let isMarketing = category?.uppercased() == "MARKETING"
            return consent.stopped || (consent.marketingStopped && isMarketing) ? .optedOut : nil
        }
        if consent.stopped, !window.isOpen { return .optedOut }
        return hasWindowRestriction && !window.isOpen ? .windowClosed : nil
    }
}
