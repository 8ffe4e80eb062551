import HTTP
import JSON

/// A refusal in one of WAHA's shapes.
struct WAHAError: Error, Sendable {
    let status: HTTPStatus
    let body: JSONValue

    var answer: Answer { .reply(status, body) }

    static let unauthorized = WAHAError(
        status: .unauthorized, body: ["message": "Unauthorized", "statusCode": 401])

    static func plain(_ status: HTTPStatus, _ message: String) -> WAHAError {
        WAHAError(
            status: status,
            body: ["message": .string(message), "statusCode": .number(JSONNumber(Int64(status.code)))])
    }

    /// What the request's validation found.
    static func invalid(_ faults: [String]) -> WAHAError {
        WAHAError(
            status: .badRequest,
            body: [
                "message": .array(faults.map(JSONValue.string)), "error": "Bad Request", "statusCode": 400,
            ])
    }

    static func notFound(_ message: String) -> WAHAError { .plain(.notFound, message) }

    /// The real server waits 5 to 10 seconds for the session before it says so.
    static func notWorking(_ session: String, status: String) -> WAHAError {
        WAHAError(
            status: .unprocessableContent,
            body: [
                "error": "Session status is not as expected. Try again later or restart the session",
                "session": .string(session), "status": .string(status), "expected": ["WORKING"],
            ])
    }

    static let notImplemented = WAHAError(
        status: .unprocessableContent,
        body: [
            "message": "The method is not implemented by the engine.", "error": "Unprocessable Entity",
            "statusCode": 422,
        ])

    /// An exception inside the server, with its stack and an echo of the request, as WAHA gives them.
    static func exception(_ message: String) -> WAHAError {
        WAHAError(
            status: .internalServerError,
            body: [
                "statusCode": 500, "timestamp": "2026-01-01T00:00:00.000Z",
                "exception": [
                    "message": .string(message), "name": "Error", "stack": "Error\n    at send (session.js:1)",
                ],
                "request": ["path": "/api/sendText", "method": "POST"], "version": WAHASession.version,
            ])
    }

    init(_ behaviour: MagicNumber) {
        switch behaviour {
        case .badToken: self = .unauthorized
        case .throughput, .unavailableOnce: self = .notWorking("default", status: "STARTING")
        case .windowClosed: self = .notImplemented
        case .pairRateOnce: self = .exception("server returned error 463")
        default: self = .exception("failed to send message")
        }
    }

    init(status: HTTPStatus, body: JSONValue) {
        self.status = status
        self.body = body
    }
}

extension WAHASession {
    static let version: JSONValue = [
        "version": "2026.7.1", "engine": "GOWS", "tier": "PLUS", "browser": .null, "platform": "linux/x64",
        "worker": ["id": .null],
    ]
}
