/// A response that breaks the grammar, whose framing can be read in two ways, or that is over a limit.
enum HTTPResponseFault: String, Error, Sendable, CaseIterable {
    case statusLine = "malformed_status_line"
    case version = "http_version_not_supported"
    /// `101` to a request that asked for no other protocol.
    case switchingProtocols = "unasked_switching_protocols"
    case tooManyInterim = "too_many_interim_responses"
    case lineEnding = "malformed_line_ending"
    case fieldName = "malformed_field_name"
    case fieldValue = "malformed_field_value"
    case foldedField = "folded_field"
    case headTooLarge = "head_too_large"
    case contentLength = "malformed_content_length"
    case contentLengthConflict = "conflicting_content_length"
    case contentLengthWithTransferEncoding = "content_length_with_transfer_encoding"
    case transferEncoding = "transfer_encoding_not_supported"
    case chunkSize = "malformed_chunk_size"
    case chunkEnding = "malformed_chunk_ending"
    case trailer = "malformed_trailer"
    case bodyTooLarge = "body_too_large"
    /// The connection ended before the message did.
    case closedEarly = "closed_early"
}
