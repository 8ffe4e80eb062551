/// Why the server itself answered a request, or refused a connection, without asking the handler.
package enum HTTPServerFault: Error, Sendable, Hashable {
    case badRequest(MalformedRequest)
    /// The request line or the fields did not arrive in time.
    case headTimeout
    /// The body stalled, came too slowly, or took too long in all.
    case bodyTimeout
    /// In bytes.
    case contentTooLarge(limit: Int)
    /// In bytes of the request line.
    case uriTooLong(limit: Int)
    /// One field line, all of them, or their count is over its limit.
    case fieldsTooLarge
    case methodNotImplemented
    case transferCodingNotImplemented
    /// An `Expect` other than `100-continue` (RFC 9110 § 10.1.1).
    case expectationFailed
    case versionNotSupported
    case tooManyConnections
    case draining

    package var status: HTTPStatus {
        switch self {
        case .badRequest: .badRequest
        case .headTimeout, .bodyTimeout: .requestTimeout
        case .contentTooLarge: .contentTooLarge
        case .uriTooLong: .uriTooLong
        case .fieldsTooLarge: .requestHeaderFieldsTooLarge
        case .methodNotImplemented, .transferCodingNotImplemented: .notImplemented
        case .expectationFailed: .expectationFailed
        case .versionNotSupported: .httpVersionNotSupported
        case .tooManyConnections, .draining: .serviceUnavailable
        }
    }

    /// Stable, for machines.
    package var code: String {
        switch self {
        case .badRequest(let malformation): malformation.rawValue
        case .headTimeout: "request_head_timeout"
        case .bodyTimeout: "request_body_timeout"
        case .contentTooLarge: "content_too_large"
        case .uriTooLong: "uri_too_long"
        case .fieldsTooLarge: "fields_too_large"
        case .methodNotImplemented: "method_not_implemented"
        case .transferCodingNotImplemented: "transfer_coding_not_implemented"
        case .expectationFailed: "expectation_failed"
        case .versionNotSupported: "http_version_not_supported"
        case .tooManyConnections: "too_many_connections"
        case .draining: "draining"
        }
    }
}

/// A request that breaks the grammar, or whose framing can be read in two ways.
package enum MalformedRequest: String, Sendable, Hashable, CaseIterable {
    case requestLine = "malformed_request_line"
    case method = "malformed_method"
    case target = "malformed_request_target"
    case version = "malformed_http_version"
    case lineEnding = "malformed_line_ending"
    case fieldName = "malformed_field_name"
    case fieldValue = "malformed_field_value"
    case foldedField = "folded_field"
    case hostMissing = "host_missing"
    case hostRepeated = "host_repeated"
    case hostInvalid = "host_invalid"
    case contentLength = "malformed_content_length"
    case contentLengthRepeated = "content_length_repeated"
    case contentLengthWithTransferEncoding = "content_length_with_transfer_encoding"
    case transferEncoding = "malformed_transfer_encoding"
    case transferEncodingInHTTP10 = "transfer_encoding_in_http_1_0"
    case chunkSize = "malformed_chunk_size"
    case chunkExtension = "malformed_chunk_extension"
    case chunkEnding = "malformed_chunk_ending"
    case trailer = "malformed_trailer"

    /// Where the broken rule stands.
    package var section: String {
        switch self {
        case .requestLine: "RFC 9112 § 3"
        case .method: "RFC 9112 § 3.1"
        case .target: "RFC 9112 § 3.2"
        case .version: "RFC 9112 § 2.3"
        case .lineEnding: "RFC 9112 § 2.2"
        case .fieldName: "RFC 9112 § 5.1"
        case .fieldValue: "RFC 9110 § 5.5"
        case .foldedField: "RFC 9112 § 5.2"
        case .hostMissing, .hostRepeated, .hostInvalid: "RFC 9112 § 3.2"
        case .contentLength, .contentLengthRepeated: "RFC 9112 § 6.3"
        case .contentLengthWithTransferEncoding, .transferEncoding, .transferEncodingInHTTP10: "RFC 9112 § 6.1"
        case .chunkSize, .chunkEnding: "RFC 9112 § 7.1"
        case .chunkExtension: "RFC 9112 § 7.1.1"
        case .trailer: "RFC 9112 § 7.1.2"
        }
    }
}
