/// One reason why what was asked for is no message.
package struct ContentFault: Sendable, Hashable, Error {
    package enum Code: String, Sendable, CaseIterable {
        case required
        case blank
        case tooLong = "too_long"
        case tooMany = "too_many"
        case outOfRange = "out_of_range"
        /// The same id or title stands twice.
        case repeated
        /// Two things of which one must be given, or both are.
        case exclusive
        /// A field that this type of message does not have.
        case misplaced
        /// A type that cannot be sent.
        case notSupported = "not_supported"
        case invalidCharacter = "invalid_character"
        case notFound = "not_found"
        /// The file is of another kind than the message.
        case typeMismatch = "type_mismatch"
    }

    /// RFC 6901, from the root of the body: `/buttons/2/title`.
    package var pointer: String
    package var code: Code
    /// For the words: `limit`, `type`, `values`, `one`, `other`.
    package var values: [String: String]

    package init(_ pointer: String, _ code: Code, _ values: [String: String] = [:]) {
        self.pointer = pointer
        self.code = code
        self.values = values
    }
}
