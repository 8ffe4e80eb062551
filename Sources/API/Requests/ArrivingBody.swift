import EventLoop
import HTTP

/// A body piece by piece, whether it is still arriving or came whole with its head.
@Reactor
final class ArrivingBody {
    private let request: HTTPRequest
    private var isWhole = false

    init(_ request: HTTPRequest) { self.request = request }

    /// nil behind the last one.
    func next() async throws -> [UInt8]? {
        if let stream = request.stream { return try await stream.read() }
        guard !isWhole else { return nil }
        isWhole = true
        return request.body
    }
}
