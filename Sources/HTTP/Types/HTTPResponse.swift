package import EventLoop

/// The answer to one request; the server adds `Content-Length` or chunked framing, `Date` and `Connection`.
package struct HTTPResponse: Sendable {
    package var status: HTTPStatus
    package var fields: HTTPFields
    package var body: HTTPBody
    /// Written as `X-Request-Id`. It stands beside the fields, because these are mostly the same from one answer to the
    /// next, and would be copied for it.
    package var requestID: String?

    package init(status: HTTPStatus = .ok, fields: HTTPFields = [:], body: HTTPBody = .empty) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The fields that are written for the handler.
    package var allFields: HTTPFields {
        var all = fields
        if let requestID { all["X-Request-Id"] = requestID }
        return all
    }

    var isStream: Bool { if case .stream = body { true } else { false } }
}

package enum HTTPBody: Sendable {
    case bytes([UInt8])
    /// Written as it is made, one chunk a write; an error thrown cuts the connection, so that the client cannot take
    /// what it got for the whole.
    case stream(@Reactor @Sendable (any HTTPBodyWriter) async throws -> Void)

    package static let empty = HTTPBody.bytes([])

    package static func text(_ text: String) -> HTTPBody { .bytes(Array(text.utf8)) }
}

/// Where a streamed body goes.
@Reactor
package protocol HTTPBodyWriter: AnyObject {
    /// Returns when the connection has room for more; throws `HTTPBodyWriteError` once the client is gone.
    func write(_ bytes: [UInt8]) async throws
}

/// The client closed the connection, or took in nothing for too long, before the body ended.
package struct HTTPBodyWriteError: Error, Sendable, Hashable, CustomStringConvertible {
    package init() {}

    package var description: String { "the client no longer reads the response" }
}

/// Answers a request. It runs to its end even when the client leaves; the answer is then dropped.
package typealias HTTPHandler = @Reactor @Sendable (HTTPRequest) async -> HTTPResponse

/// What a server's handler makes of a request before anything waits.
package enum HTTPAnswer: Sendable {
    /// It is there already: without a task of its own such a request costs half.
    case ready(HTTPResponse)
    /// It must be waited for, and is made to its end even when the client leaves.
    case pending(@Reactor @Sendable () async -> HTTPResponse)
    /// It is handed in later, once and not before the call returns, and without a task meanwhile.
    case later(@Reactor @Sendable (@escaping @Reactor (HTTPResponse) -> Void) -> Void)

    /// Waits if it must.
    @Reactor
    package var response: HTTPResponse {
        get async {
            switch self {
            case .ready(let response): response
            case .pending(let make): await make()
            case .later(let begin): await withCheckedContinuation { waiting in begin { waiting.resume(returning: $0) } }
            }
        }
    }
}

/// Begins to answer a request, on the spot where it can.
package typealias HTTPAnsweringHandler = @Reactor @Sendable (consuming HTTPRequest) -> HTTPAnswer
