import EventLoop
import HTTP
import JSON

/// One whole response.
struct Reply: Sendable {
    var status: HTTPStatus
    var contentType = "application/json; charset=UTF-8"
    var body: [UInt8]

    init(_ status: HTTPStatus = .ok, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }

    init(_ status: HTTPStatus = .ok, _ json: JSONValue) {
        self.status = status
        body = json.serialized()
    }

    /// - Parameter keepsAlive: false says `Connection: close`.
    func octets(keepsAlive: Bool) -> [UInt8] {
        var head = "HTTP/1.1 \(status.code) \(status.reason)\r\nContent-Length: \(body.count)\r\n"
        if !body.isEmpty { head += "Content-Type: \(contentType)\r\n" }
        if !keepsAlive { head += "Connection: close\r\n" }
        return Array((head + "\r\n").utf8) + body
    }
}

/// What happens on the connection after a request was read.
indirect enum Answer: Sendable {
    case reply(Reply)
    case later(Duration, Answer)
    /// Nothing is said, and the connection closes when the time is over.
    case silence(Duration)
    /// The connection is reset.
    case reset
    /// The head promises the whole body, half of it follows, then the connection closes.
    case half(Reply)

    static func reply(_ status: HTTPStatus = .ok, _ json: JSONValue) -> Answer { .reply(Reply(status, json)) }
}

typealias WireHandler = @Reactor @Sendable (HTTPRequest) async -> Answer
