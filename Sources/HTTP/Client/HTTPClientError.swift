/// Why a request has no response, and whether the other side can have seen it.
package struct HTTPClientError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        case invalidURL = "invalid_url"
        case resolve
        case connect
        case connectTimeout = "connect_timeout"
        /// Every address of the name was refused by the judge.
        case addressRefused = "address_refused"
        case firstByteTimeout = "first_byte_timeout"
        /// The next piece of a body that is read as it comes did not come in time.
        case bodyTimeout = "body_timeout"
        case totalTimeout = "total_timeout"
        case reset
        /// The connection ended in good order before the response was whole.
        case closedEarly = "closed_early"
        case malformedResponse = "malformed_response"
        case responseTooLarge = "response_too_large"
        case cancelled
        /// What the body of the request was made from gave out.
        case bodyUnreadable = "body_unreadable"
        /// No connection to the origin came free in time.
        case poolExhausted = "pool_exhausted"
        /// The TLS handshake failed, or was broken off; `rejected` where the server did not take this side for one
        /// that may ask.
        case tlsHandshake = "tls_handshake"
        /// The server's certificate was refused; the detail says why.
        case tlsCertificate = "tls_certificate"
        /// The authorities that the client is to trust cannot be read.
        case tlsConfiguration = "tls_configuration"
    }

    package enum Certainty: String, Sendable, CaseIterable {
        /// Not one byte of the request was written.
        case notSent = "not_sent"
        /// Bytes went out and no whole answer came back.
        case unknown
        /// Bytes went out, and the other side said, before it can have read them, that it will not.
        case rejected
    }

    package let code: Code
    package let certainty: Certainty
    /// Scheme, host and port.
    package let origin: String
    /// The system's words or the rule that the response broke; never anything that was sent or received.
    package let detail: String?

    package init(_ code: Code, _ certainty: Certainty, origin: String, detail: String? = nil) {
        self.code = code
        self.certainty = certainty
        self.origin = origin
        self.detail = detail
    }

    package var description: String {
        "\(code.rawValue) (\(certainty.rawValue)) at \(origin)" + (detail.map { ": \($0)" } ?? "")
    }
}
