import EventLoop
import HTTP
import JSON
import Testing

/// A business's hook: keeps what is posted to it, and echoes Meta's challenge.
@Reactor
final class HookRecorder {
    private(set) var received: [HTTPRequest] = []
    /// Answers for the next posts; 200 when used up.
    var statuses: [Int] = []
    private var waiting: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    private var server: HTTPServer?
    private(set) var port: UInt16 = 0

    func start() throws {
        let server = HTTPServer { [weak self] in self?.take($0) ?? HTTPResponse(status: .gone) }
        port = try server.start(host: "127.0.0.1", port: 0)
        self.server = server
    }

    func stop() async { await server?.stop(deadline: .zero) }

    /// At least the first `count` posts, once they are there; fails the test if they do not come.
    func posts(_ count: Int) async throws -> [HTTPRequest] {
        if received.count < count {
            let deadline = EventLoop.shared.schedule(after: .seconds(10)) { self.resume(upTo: .max) }
            await withCheckedContinuation { waiting.append((count, $0)) }
            deadline.cancel()
        }
        try #require(received.count >= count, "the webhooks did not come")
        return received
    }

    private func resume(upTo count: Int) {
        let ready = waiting.filter { $0.count <= count }
        waiting.removeAll { $0.count <= count }
        for waiter in ready { waiter.continuation.resume() }
    }

    private func take(_ request: HTTPRequest) -> HTTPResponse {
        if request.method == .get {
            let items = (request.query ?? "").split(separator: "&")
            guard items.contains("hub.verify_token=verify-me") else { return HTTPResponse(status: .forbidden) }
            let challenge = items.first { $0.hasPrefix("hub.challenge=") }?.dropFirst("hub.challenge=".count) ?? ""
            return HTTPResponse(body: .text(String(challenge)))
        }
        received.append(request)
        resume(upTo: received.count)
        return HTTPResponse(
            status: HTTPStatus(code: statuses.isEmpty ? 200 : statuses.removeFirst()), body: .text("ok"))
    }
}

extension HTTPRequest {
    var json: JSONValue { (try? JSONParser.parse(body)) ?? .null }
    /// The value of a Cloud API webhook's one change.
    var change: JSONValue? { json["entry"]?[0]?["changes"]?[0]?["value"] }
}
