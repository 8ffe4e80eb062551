package import EventLoop

/// A response whose head is there, and whose body is read as it comes.
package struct HTTPClientStream: Sendable {
    package let status: HTTPStatus
    package let fields: HTTPFields
    package let body: HTTPClientBody
}

/// The body of a response, read while it arrives; what is not read holds the server back.
///
/// Let go of before its end, it closes its connection.
@Reactor
package final class HTTPClientBody {
    private let call: HTTPClientCall

    init(_ call: HTTPClientCall) { self.call = call }

    deinit { spawn { [call] in call.cancel() } }

    /// The next piece, of some hundreds of kilobytes at most; nil at the end of a body that came whole.
    ///
    /// Once it has thrown, every further call throws the same; what came before and is unread is gone. Cancelling the
    /// task that waits closes the connection at once.
    package func read() async throws(HTTPClientError) -> [UInt8]? {
        try await call.download?.read(for: call)
    }

    /// Wants no more of it.
    package func close() { call.cancel() }
}
