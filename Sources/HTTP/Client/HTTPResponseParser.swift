/// Reads one response from the bytes of a connection, however they are cut.
struct HTTPResponseParser: Sendable {
    private enum State: Sendable {
        /// Can transition to: head again after an interim response, length, chunked, untilClose, done.
        case head
        /// Bytes still to come. Can transition to: done.
        case length(Int)
        case chunked(HTTPResponseChunks)
        /// Ended by `end()` alone.
        case untilClose
        case done
    }

    /// Interim responses before the real one; more of them is a server that never answers.
    private static let interimLimit = 16

    private let toHEAD: Bool
    private let maximumBody: Int
    private var state = State.head
    private var reader = HTTPResponseHeadReader()
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    /// Bytes of the body that `takeBody` has given out.
    private var taken = 0
    /// What a length may make room for before its bytes are there: some lengths are lies.
    private static let reservation = 256 * 1024
    private var interim = 0
    private var hasExcess = false
    /// Whether a single byte has come.
    private(set) var hasBegun = false

    init(toHEAD: Bool, maximumBody: Int) {
        self.toHEAD = toHEAD
        self.maximumBody = maximumBody
    }

    var isDone: Bool {
        if case .done = state { true } else { false }
    }

    /// Whether another request may go over the connection: the response said so, and nothing came after it.
    var keepsAlive: Bool { isDone && !hasExcess && head?.keepsAlive == true }

    /// Status and fields, once they are there.
    var start: HTTPClientResponse? {
        head.map { HTTPClientResponse(status: HTTPStatus(code: $0.status), fields: $0.fields) }
    }

    /// How long the server promises to keep an idle connection, in seconds (`Keep-Alive: timeout=5`).
    var keepAliveSeconds: Int? { head?.keepAliveSeconds }

    /// What has come of the body since the last call, for those who do not wait for `response`.
    mutating func takeBody() -> [UInt8] {
        defer { body = [] }
        taken += body.count
        return body
    }

    /// The response, once `isDone`.
    var response: HTTPClientResponse? {
        guard isDone, let head else { return nil }
        return HTTPClientResponse(status: HTTPStatus(code: head.status), fields: head.fields, body: body)
    }

    mutating func consume(_ input: UnsafeRawBufferPointer) throws(HTTPResponseFault) {
        var input = input
        if !input.isEmpty { hasBegun = true }
        while !input.isEmpty {
            switch state {
            case .head:
                guard let (head, consumed) = try reader.consume(input) else { return }
                input = UnsafeRawBufferPointer(rebasing: input[consumed...])
                try begin(head)
            case .length(let remaining):
                let count = min(remaining, input.count)
                body.append(contentsOf: input[..<count])
                input = UnsafeRawBufferPointer(rebasing: input[count...])
                state = count == remaining ? .done : .length(remaining - count)
            case .chunked(var chunks):
                let consumed = try chunks.consume(input, into: &body, limit: maximumBody - taken)
                input = UnsafeRawBufferPointer(rebasing: input[consumed...])
                state = chunks.isDone ? .done : .chunked(chunks)
            case .untilClose:
                guard taken + body.count + input.count <= maximumBody else { throw .bodyTooLarge }
                body.append(contentsOf: input)
                return
            case .done:
                hasExcess = true
                return
            }
        }
    }

    /// The peer has sent all it will send.
    mutating func end() throws(HTTPResponseFault) {
        switch state {
        case .untilClose: state = .done
        case .done: break
        case .head, .length, .chunked: throw .closedEarly
        }
        hasExcess = true
    }

    private mutating func begin(_ head: HTTPResponseHead) throws(HTTPResponseFault) {
        if (100..<200).contains(head.status) {
            guard head.status != 101 else { throw .switchingProtocols }
            interim += 1
            guard interim <= Self.interimLimit else { throw .tooManyInterim }
            reader = HTTPResponseHeadReader()
            return
        }
        self.head = head
        switch try head.bodyLength(toHEAD: toHEAD) {
        case .known(0): state = .done
        case .known(let length):
            guard length <= maximumBody else { throw .bodyTooLarge }
            body.reserveCapacity(min(length, Self.reservation))
            state = .length(length)
        case .chunked: state = .chunked(HTTPResponseChunks())
        case .untilClose: state = .untilClose
        }
    }
}
