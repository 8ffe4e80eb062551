import HTTP
import JSON

/// A refusal in Graph's envelope (Cloud API › Error codes).
struct GraphError: Error, Sendable {
    let status: HTTPStatus
    let code: Int64
    let message: String
    var details: String?
    var subcode: Int64?

    init(_ status: HTTPStatus = .badRequest, code: Int64, _ message: String, details: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
    }

    var answer: Answer {
        var error = JSONObject([
            ("message", .string(message)), ("type", "OAuthException"), ("code", .number(JSONNumber(code))),
        ])
        if let details { error["error_data"] = ["messaging_product": "whatsapp", "details": .string(details)] }
        if let subcode { error["error_subcode"] = .number(JSONNumber(subcode)) }
        error["fbtrace_id"] = .string(ProviderIdentifiers.trace())
        return .reply(status, ["error": .object(error)])
    }
}

extension GraphError {
    static let badToken = GraphError(
        .unauthorized, code: 190, "Invalid OAuth access token - Cannot parse access token")

    static func noSuchObject(_ id: String) -> GraphError {
        var error = GraphError(
            code: 100,
            "Unsupported request. Object with ID '\(id)' does not exist or this token has no permission for it")
        error.subcode = 33
        return error
    }

    static let unknownPath = GraphError(code: 2500, "Unknown path components")

    // MARK: Parameters

    static func required(_ parameter: String) -> GraphError {
        GraphError(code: 100, "(#100) The parameter \(parameter) is required.")
    }

    static func parameter(_ path: String, _ rule: String) -> GraphError {
        GraphError(code: 100, "(#100) Param \(path) \(rule).")
    }

    static func unexpectedKey(_ key: String, on path: String) -> GraphError {
        GraphError(code: 100, "(#100) Unexpected key \"\(key)\" on param \"\(path)\".")
    }

    static func invalid(_ details: String) -> GraphError {
        GraphError(code: 100, "(#100) Invalid parameter", details: details)
    }

    static func missing(_ details: String) -> GraphError {
        GraphError(code: 131_008, "(#131008) Required parameter is missing", details: details)
    }

    static func badValue(_ details: String) -> GraphError {
        GraphError(code: 131_009, "(#131009) Parameter value is not valid", details: details)
    }

    static func unsupportedType(_ type: String) -> GraphError {
        GraphError(
            code: 131_051, "(#131051) Unsupported message type", details: "Message type \(type) is not supported")
    }

    // MARK: Recipients

    static let senderIsRecipient = GraphError(
        code: 131_021, "(#131021) Recipient cannot be sender", details: "Sender and recipient are the same number")
    static let undeliverable = GraphError(
        code: 131_026, "(#131026) Message undeliverable", details: "The message could not be delivered")
    static let windowClosed = GraphError(
        code: 131_047, "(#131047) Re-engagement message",
        details: "More than 24 hours have passed since the recipient last replied to the sender number.")
    static let throughput = GraphError(
        code: 130_429, "(#130429) Rate limit hit", details: "The number's message throughput is used up.")
    static let pairRate = GraphError(
        code: 131_056, "(#131056) (Business Account, Consumer Account) pair rate limit hit",
        details: "Too many messages from this number to the same recipient in a short time.")
    static let unavailable = GraphError(.serviceUnavailable, code: 2, "(#2) Service temporarily unavailable")

    init(_ behaviour: MagicNumber) {
        switch behaviour {
        case .windowClosed: self = .windowClosed
        case .badToken: self = .badToken
        case .throughput: self = .throughput
        case .pairRateOnce: self = .pairRate
        case .unavailableOnce: self = .unavailable
        default: self = .undeliverable
        }
    }

    // MARK: Templates

    static func parameterCount(_ component: String, given: Int, expected: Int) -> GraphError {
        GraphError(
            code: 132_000, "(#132000) Number of parameters does not match the expected number of params",
            details: "\(component): number of localizable_params (\(given)) does not match the expected number of"
                + " params (\(expected))")
    }

    static func noTranslation(_ name: String, _ language: String) -> GraphError {
        GraphError(
            .notFound, code: 132_001, "(#132001) Template name does not exist in the translation",
            details: "template name (\(name)) does not exist in \(language)")
    }

    static func tooLong(_ component: String, limit: Int) -> GraphError {
        GraphError(
            code: 132_005, "(#132005) Translated text too long",
            details: "\(component): the text with its parameters is longer than \(limit) characters")
    }

    static func format(_ component: String, expected: String, received: String) -> GraphError {
        GraphError(
            code: 132_012, "(#132012) Parameter format does not match format in the created template",
            details: "\(component): Format mismatch, expected \(expected), received \(received)")
    }

    static let paused = GraphError(
        code: 132_015, "(#132015) Template is Paused", details: "The template is paused for its low quality.")
    static let disabled = GraphError(
        code: 132_016, "(#132016) Template is Disabled", details: "The template is disabled for its low quality.")
    static let parameterWhitespace = GraphError(
        code: 132_018, "(#132018) There was an issue with the parameters in your template",
        details: "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
}
