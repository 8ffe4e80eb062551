/// A request that has arrived: in full, or but for the body that `stream` gives.
package struct HTTPRequest: Sendable {
    package var head: HTTPRequestHead
    /// Empty if the body is streamed.
    package var body: [UInt8]
    /// The body as it arrives, if the configuration's `bodyMode` says so and the request has one.
    package var stream: HTTPBodyReader?

    init(head: consuming HTTPRequestHead, body: consuming [UInt8]) {
        self.head = head
        self.body = body
    }

    /// A request that no wire carried.
    /// - Parameter target: origin-form; path and query are taken from it.
    package init(
        method: HTTPMethod, target: String, fields: HTTPFields = [:], body: [UInt8] = [], peer: String = "127.0.0.1"
    ) {
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        head = HTTPRequestHead(
            method: method, target: target, path: String(parts.first ?? ""),
            query: parts.count > 1 ? String(parts[1]) : nil, fields: fields, peer: peer, expectsContinue: false,
            bodyLength: body.isEmpty ? .none : .known(body.count), keepsAlive: true, minorVersion: 1)
        self.body = body
    }

    package var method: HTTPMethod {
        get { head.method }
        set { head.method = newValue }
    }
    package var target: String {
        get { head.target }
        set { head.target = newValue }
    }
    package var path: String {
        get { head.path }
        set { head.path = newValue }
    }
    package var query: String? {
        get { head.query }
        set { head.query = newValue }
    }
    package var fields: HTTPFields {
        get { head.fields }
        set { head.fields = newValue }
    }
    package var peer: String {
        get { head.peer }
        set { head.peer = newValue }
    }
}

/// What is known of a request before its body.
package struct HTTPRequestHead: Sendable, Hashable {
    /// How the end of the body is told (RFC 9112 § 6.3).
    package enum BodyLength: Sendable, Hashable {
        case none
        /// `Content-Length`, in bytes; never 0, which is `none`.
        case known(Int)
        case chunked
    }

    package var method: HTTPMethod
    /// As sent: origin-form, absolute-form or `*` (RFC 9112 § 3.2).
    package var target: String
    /// Percent-encoded, before the `?`; `*` for `OPTIONS *`.
    package var path: String
    /// Percent-encoded, after the `?`; nil without one.
    package var query: String?
    package var fields: HTTPFields
    /// The numeric address of whoever holds the other end of the connection.
    package var peer: String
    /// The client waits for `100 Continue` before it sends the body (RFC 9110 § 10.1.1).
    package var expectsContinue: Bool
    package var bodyLength: BodyLength
    /// The connection may serve another request after this one (RFC 9112 § 9.3).
    package var keepsAlive: Bool
    /// 0 for HTTP/1.0, 1 for HTTP/1.1 and what claims to be later.
    package var minorVersion: Int
}
