/// Meta's codes, from its page "Error codes" (Cloud API).
enum CloudAPIErrorTable {
    struct Entry: Sendable {
        var title: String
        var disposition: AttemptOutcome.Disposition = .fail
        var isRetryable = false
        var explanation: ProviderExplanation = .unknown
    }

    /// 200 to 299 alike.
    static let permission = Entry(title: "API permission", isRetryable: true, explanation: .permission)

    static let entries: [Int: Entry] =
        access.merging(limits, uniquingKeysWith: { first, _ in first })
        .merging(delivery, uniquingKeysWith: { first, _ in first })
        .merging(templates, uniquingKeysWith: { first, _ in first })

    /// Who we are to Meta.
    private static let access: [Int: Entry] = [
        0: Entry(title: "AuthException", disposition: .holdInstance, isRetryable: true, explanation: .credentials),
        190: Entry(
            title: "Access token has expired", disposition: .holdInstance, isRetryable: true,
            explanation: .credentials),
        3: Entry(title: "API method", isRetryable: true, explanation: .permission),
        10: Entry(title: "Permission denied", isRetryable: true, explanation: .permission),
        131_005: Entry(title: "Access denied", isRetryable: true, explanation: .permission),
        368: Entry(
            title: "Temporarily blocked for policies violations", isRetryable: true, explanation: .accountBlocked),
        131_031: Entry(title: "Account has been locked", isRetryable: true, explanation: .accountBlocked),
        130_497: Entry(title: "Business account is restricted from messaging users in this country"),
        131_042: Entry(title: "Business eligibility payment issue", isRetryable: true, explanation: .payment),
        134_011: Entry(title: "Payments terms of service not accepted", isRetryable: true, explanation: .payment),
        131_045: Entry(title: "Incorrect certificate", isRetryable: true, explanation: .notRegistered),
        133_010: Entry(title: "Phone number not registered", isRetryable: true, explanation: .notRegistered),
        131_037: Entry(title: "Display name needs approval", isRetryable: true, explanation: .displayName),
        33: Entry(title: "Parameter value is not valid: the phone number was deleted", explanation: .notRegistered),
        133_000: Entry(title: "Incomplete deregistration"),
        133_005: Entry(title: "Two-step verification PIN mismatch"),
        133_006: Entry(title: "Phone number re-verification needed"),
        133_008: Entry(title: "Too many two-step verification PIN guesses", isRetryable: true),
        133_009: Entry(title: "Two-step verification PIN guessed too fast", isRetryable: true),
        133_015: Entry(title: "Phone number was deleted recently", isRetryable: true),
        133_016: Entry(title: "Registration attempts exceeded", isRetryable: true),
    ]

    /// How much and when; those tried again by themselves are named in `CloudAPIErrorCode.retriedAlone`.
    private static let limits: [Int: Entry] = [
        2: Entry(title: "API service", explanation: .providerDown),
        4: Entry(title: "API too many calls", explanation: .rateLimit),
        80_007: Entry(title: "Rate limit issues", explanation: .rateLimit),
        80_008: Entry(title: "Management rate limit", isRetryable: true, explanation: .rateLimit),
        130_429: Entry(title: "Rate limit hit", explanation: .rateLimit),
        131_056: Entry(title: "Pair rate limit hit", explanation: .pairRateLimit),
        131_048: Entry(title: "Spam rate limit hit", isRetryable: true, explanation: .spamLimit),
        131_064: Entry(title: "Messaging limit after template misclassification", isRetryable: true),
        131_016: Entry(title: "Service unavailable", explanation: .providerDown),
        131_057: Entry(title: "Account in maintenance mode", explanation: .providerDown),
        133_004: Entry(title: "Server temporarily unavailable", explanation: .providerDown),
        1: Entry(title: "Invalid request or possible server error", isRetryable: true, explanation: .providerFault),
        131_000: Entry(title: "Something went wrong", isRetryable: true, explanation: .providerFault),
    ]

    /// This message to this person.
    private static let delivery: [Int: Entry] = [
        100: Entry(title: "Invalid parameter", explanation: .badRequest),
        131_008: Entry(title: "Required parameter is missing", explanation: .badRequest),
        131_009: Entry(title: "Parameter value is not valid", explanation: .badRequest),
        135_000: Entry(title: "Generic user error", explanation: .badRequest),
        131_021: Entry(title: "Recipient cannot be sender", explanation: .sameNumber),
        131_026: Entry(title: "Message undeliverable", explanation: .undeliverable),
        131_030: Entry(title: "Recipient phone number not in allowed list", explanation: .notAllowedRecipient),
        131_047: Entry(title: "Re-engagement message", disposition: .windowClosed, explanation: .windowClosed),
        131_049: Entry(
            title: "Not delivered to maintain healthy ecosystem engagement", isRetryable: true,
            explanation: .ecosystem),
        131_050: Entry(
            title: "User has stopped receiving marketing messages", disposition: .optedOut,
            explanation: .marketingStopped),
        130_403: Entry(title: "Business has blocked this user", explanation: .blockedUser),
        130_472: Entry(title: "User's number is part of an experiment", explanation: .ecosystem),
        131_051: Entry(title: "Unsupported message type", explanation: .badRequest),
        131_052: Entry(title: "Media download error", explanation: .media),
        131_053: Entry(title: "Media upload error", explanation: .media),
        131_062: Entry(title: "User id not allowed for this message", explanation: .needsPhone),
        131_063: Entry(title: "Marketing messages disabled on Cloud API"),
        137_000: Entry(title: "Identity key hash mismatch"),
    ]

    private static let templates: [Int: Entry] = [
        132_000: Entry(
            title: "Template parameter count mismatch", disposition: .templateStale, explanation: .templateStale),
        132_001: Entry(title: "Template does not exist", disposition: .templateStale, explanation: .templateMissing),
        132_005: Entry(title: "Template hydrated text too long", explanation: .templateTooLong),
        132_007: Entry(title: "Template format character policy violated", explanation: .templatePolicy),
        132_012: Entry(
            title: "Template parameter format mismatch", disposition: .templateStale, explanation: .templateStale),
        132_015: Entry(title: "Template is paused", disposition: .templateStale, explanation: .templatePaused),
        132_016: Entry(title: "Template is disabled", disposition: .templateStale, explanation: .templateDisabled),
        132_018: Entry(title: "Template validation error", explanation: .templatePolicy),
        132_068: Entry(title: "Flow is blocked"),
        132_069: Entry(title: "Flow is throttled", isRetryable: true),
        131_055: Entry(title: "Method not allowed"),
        134_100: Entry(title: "Only marketing messages are supported"),
        134_101: Entry(title: "Template is syncing", isRetryable: true),
        134_102: Entry(title: "Template is unavailable for use", isRetryable: true),
    ]
}
