/// What a provider said when it refused, or why no verdict was had.
package struct ProviderFault: Error, Sendable, Hashable {
    /// `cloud_api` or `waha`.
    package var provider: Instance.Provider
    /// The provider's own code, as `131047`; an HTTP status for providers without codes; nil when nothing was said.
    package var code: String?
    package var title: String
    /// The provider's own words, without what they quote of ours.
    package var details: String?
    /// Whether sending the same again later may work.
    package var retryable: Bool

    package init(provider: Instance.Provider, code: String?, title: String, details: String?, retryable: Bool) {
        self.provider = provider
        self.code = code
        self.title = title
        self.details = details
        self.retryable = retryable
    }
}

/// How one attempt at a provider ended.
package enum AttemptOutcome: Sendable, Hashable {
    /// The provider has it. `waID` is the address that it resolved the recipient to, if it said.
    case accepted(providerMessageID: String, waID: String?)
    /// The provider said no: it has not been and will not be delivered.
    case refused(ProviderFault, Disposition)
    /// Not one byte of it can have been acted upon: connection refused, no address, session not ready.
    case notSent(ProviderFault)
    /// Nobody can say: timeout after the request was written, reset, unreadable 5xx, success without an id.
    case unknown(ProviderFault)

    /// What the delivery engine does with a refusal.
    package enum Disposition: Sendable, Hashable {
        /// Final for this message.
        case fail
        /// A limit or a passing fault: the message stays queued and is tried again.
        case retryLater
        /// The window is closed by the provider's count: our row is corrected.
        case windowClosed
        /// The credentials are refused: the instance stops, its queue is held.
        case holdInstance
        /// Our copy of the template is stale: final for this message, and the template is fetched anew.
        case templateStale
        /// The recipient stopped marketing.
        case optedOut
    }
}
