package import EventLoop

/// How the body of a request reaches its handler; limits in bytes.
package enum HTTPBodyMode: Sendable, Hashable {
    /// Collected in memory; the handler sees the whole.
    case buffered(limit: Int)
    /// The handler starts at the head and reads the rest from `HTTPRequest.stream`.
    case streamed(limit: Int)

    package var limit: Int {
        switch self {
        case .buffered(let limit), .streamed(let limit): limit
        }
    }
}

/// A request body that is read while it arrives; what is not read holds the client back.
@Reactor
package final class HTTPBodyReader {
    private var source: (any RequestBodySource)?

    init(_ source: any RequestBodySource) { self.source = source }

    /// The next piece, of some tens of kilobytes at most; nil at the end of a body that came whole.
    ///
    /// The first call tells a client that waits for it to go on (`100 Continue`, RFC 9110 § 10.1.1). Once a call has
    /// thrown, or the request is answered, every further one throws.
    package func read() async throws -> [UInt8]? {
        guard let source else { throw HTTPBodyReadError.answered }
        return try await source.readBody()
    }

    /// All that is left of the body.
    package func collect() async throws -> [UInt8] {
        var whole: [UInt8] = []
        while let piece = try await read() { whole.append(contentsOf: piece) }
        return whole
    }

    func detach() { source = nil }
}

/// Why no more of a request body can be read.
package enum HTTPBodyReadError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The client left before the body ended.
    case incomplete
    /// The client has been told so already; what the handler answers is dropped.
    case refused(HTTPServerFault)
    /// The request is answered, which ends its body too.
    case answered

    package var description: String {
        switch self {
        case .incomplete: "the client left before the request body ended"
        case .refused(let fault): "the request body was refused: \(fault.code)"
        case .answered: "the request is answered already"
        }
    }
}

/// What a reader reads from.
@Reactor
protocol RequestBodySource: AnyObject {
    func readBody() async throws -> [UInt8]?
}
