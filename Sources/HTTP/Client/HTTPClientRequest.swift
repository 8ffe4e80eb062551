import EventLoop

/// A request to be sent, with how long it may take and how much it may bring back.
package struct HTTPClientRequest: Sendable {
    package struct Deadlines: Sendable, Hashable {
        /// From the call until a connection stands: a place in the pool, the name, the connection itself.
        package var connect: Duration
        /// From the first byte written to the first byte read; of a body that is read as it comes, also how long its
        /// reader waits for the next piece.
        package var firstByte: Duration
        /// From the call to the last byte read.
        package var total: Duration

        package init(
            connect: Duration = .seconds(5), firstByte: Duration = .seconds(10), total: Duration = .seconds(15)
        ) {
            self.connect = connect
            self.firstByte = firstByte
            self.total = total
        }
    }

    package var method: HTTPMethod
    package var url: HTTPURL
    /// `Host`, `Content-Length` and `Transfer-Encoding` are the client's to write; given here, they are left out.
    package var fields: HTTPFields
    package var body: [UInt8]
    /// Goes out in place of `body`, as it is made.
    package var upload: HTTPClientUpload?
    package var deadlines: Deadlines
    /// In bytes, after the framing is taken off.
    package var maximumResponseBody: Int

    package init(
        method: HTTPMethod = .get, url: HTTPURL, fields: HTTPFields = [:], body: [UInt8] = [],
        deadlines: Deadlines = Deadlines(), maximumResponseBody: Int = 1024 * 1024
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.deadlines = deadlines
        self.maximumResponseBody = maximumResponseBody
    }

    /// RFC 9110 § 9.2.2, less those that change something: asking twice leaves no trace.
    var isSafeToRepeat: Bool { method == .get || method == .head }
}

/// A body that is made while it goes out: no more of it than a piece is in memory.
package struct HTTPClientUpload: Sendable {
    /// Of all pieces together, in bytes.
    package let length: Int
    /// A piece by its number from 0, asked for when the one before is out; an empty one, or an error, before `length`
    /// is reached breaks the request off.
    package let piece: @Reactor @Sendable (Int) async throws -> [UInt8]

    package init(length: Int, piece: @escaping @Reactor @Sendable (Int) async throws -> [UInt8]) {
        self.length = length
        self.piece = piece
    }
}

/// A response that has arrived in full.
package struct HTTPClientResponse: Sendable, Hashable {
    package var status: HTTPStatus
    package var fields: HTTPFields
    package var body: [UInt8]

    package init(status: HTTPStatus, fields: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
