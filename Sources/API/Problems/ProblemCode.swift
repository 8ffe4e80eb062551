/// Every `code` that an answer can carry, with its status; `ProblemCode+Words` says them to people.
package enum ProblemCode: String, Sendable, CaseIterable {
    // The request cannot be read.
    case malformedRequest = "malformed_request"
    case malformedJSON = "malformed_json"
    case idempotencyKeyInvalid = "idempotency_key_invalid"
    case unauthorized
    case accountSuspended = "account_suspended"
    case permissionDenied = "permission_denied"
    case grantExceeded = "grant_exceeded"
    case notFound = "not_found"
    case routeNotFound = "route_not_found"
    case methodNotAllowed = "method_not_allowed"
    case requestTimeout = "request_timeout"
    case bodyTooLarge = "body_too_large"
    case targetTooLong = "target_too_long"
    case unsupportedMediaType = "unsupported_media_type"
    case mediaTypeNotSupported = "media_type_not_supported"
    case headersTooLarge = "headers_too_large"
    case notImplemented = "not_implemented"
    case httpVersionNotSupported = "http_version_not_supported"

    // The request contradicts what is there.
    case idempotencyKeyConflict = "idempotency_key_conflict"
    case idempotencyKeyProcessing = "idempotency_key_processing"
    case identifierConflict = "identifier_conflict"
    case externalIDTaken = "external_id_taken"
    case contactMerged = "contact_merged"
    case notMerged = "not_merged"
    case mergeNotLatest = "merge_not_latest"
    case erased
    case alreadyExists = "already_exists"
    case ownKey = "own_key"
    case inUse = "in_use"
    case outcomeUnknown = "outcome_unknown"
    case wrongStatus = "wrong_status"
    case preconditionFailed = "precondition_failed"

    // The request is understood and refused.
    case validationFailed = "validation_failed"
    case mediaMismatch = "media_mismatch"
    case bindingFailed = "binding_failed"
    case noInstance = "no_instance"
    case instanceNotConnected = "instance_not_connected"
    case leadWithoutPhone = "lead_without_phone"
    case optedOut = "opted_out"
    case windowClosed = "window_closed"
    case templatesNotSupported = "templates_not_supported"
    case templateNotApproved = "template_not_approved"
    case batchRefused = "batch_refused"
    case blocked
    case rateLimited = "rate_limited"

    // Something on the way failed.
    case internalError = "internal_error"
    case providerRefused = "provider_refused"
    case unavailable

    package var status: Int {
        switch self {
        case .malformedRequest, .malformedJSON, .idempotencyKeyInvalid: 400
        case .unauthorized: 401
        case .accountSuspended, .permissionDenied, .grantExceeded: 403
        case .notFound, .routeNotFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .idempotencyKeyConflict, .idempotencyKeyProcessing, .identifierConflict, .externalIDTaken, .contactMerged,
            .notMerged, .mergeNotLatest, .erased, .alreadyExists, .ownKey, .inUse, .outcomeUnknown,
            .wrongStatus:
            409
        case .preconditionFailed: 412
        case .bodyTooLarge: 413
        case .targetTooLong: 414
        case .unsupportedMediaType, .mediaTypeNotSupported: 415
        case .validationFailed, .mediaMismatch, .bindingFailed, .noInstance, .instanceNotConnected, .leadWithoutPhone,
            .optedOut,
            .windowClosed, .templatesNotSupported, .templateNotApproved, .batchRefused, .blocked:
            422
        case .rateLimited: 429
        case .headersTooLarge: 431
        case .internalError: 500
        case .notImplemented: 501
        case .providerRefused: 502
        case .unavailable: 503
        case .httpVersionNotSupported: 505
        }
    }

    /// The parts of the error's shape that come with this code, beside `code`, `message` and `request_id`.
    package var fields: [String] {
        switch self {
        case .malformedJSON: ["errors", "details"]
        case .validationFailed, .grantExceeded: ["errors", "details"]
        case .bindingFailed, .batchRefused: ["errors", "details"]
        case .permissionDenied: ["required_permission"]
        case .identifierConflict, .externalIDTaken, .alreadyExists: ["existing_id", "matched_on"]
        case .blocked: ["blocked", "pending_tasks"]
        case .contactMerged, .mergeNotLatest: ["existing_id"]
        case .erased: ["matched_on"]
        case .windowClosed: ["skip_reason", "window", "template_ids"]
        case .rateLimited, .unavailable, .idempotencyKeyProcessing: ["retry_after"]
        case .providerRefused: ["provider", "data"]
        case .outcomeUnknown, .wrongStatus: ["data"]
        default: []
        }
    }

    /// Whether a refusal is kept under its `Idempotency-Key`: it is the verdict of a business rule, not a fault of the
    /// request's shape or of the moment.
    package var isKept: Bool {
        switch self {
        case .noInstance, .instanceNotConnected, .leadWithoutPhone, .optedOut, .windowClosed,
            .templatesNotSupported, .templateNotApproved, .blocked:
            true
        default: false
        }
    }
}
