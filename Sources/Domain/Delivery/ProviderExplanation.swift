/// A provider's refusal in plain words: what it means to the person who sent, and what to do next.
package enum ProviderExplanation: String, Sendable, CaseIterable {
    case credentials
    case permission
    case accountBlocked = "account_blocked"
    case payment
    case notRegistered = "not_registered"
    case displayName = "display_name"
    case rateLimit = "rate_limit"
    case pairRateLimit = "pair_rate_limit"
    case spamLimit = "spam_limit"
    case providerDown = "provider_down"
    case providerFault = "provider_fault"
    case badRequest = "bad_request"
    case sameNumber = "same_number"
    case undeliverable
    case notAllowedRecipient = "not_allowed_recipient"
    case windowClosed = "window_closed"
    case ecosystem
    case marketingStopped = "marketing_stopped"
    case blockedUser = "blocked_user"
    case media
    case needsPhone = "needs_phone"
    case templateStale = "template_stale"
    case templateMissing = "template_missing"
    case templateTooLong = "template_too_long"
    case templatePolicy = "template_policy"
    case templatePaused = "template_paused"
    case templateDisabled = "template_disabled"
    case unknown

    package struct Words: Sendable, Hashable {
        package let cause: String
        /// What the reader can do.
        package let remedy: String

        /// Both, as an error message shows them.
        package var sentence: String { "\(cause) \(remedy)" }

        init(_ cause: String, _ remedy: String) {
            self.cause = cause
            self.remedy = remedy
        }
    }
}
