/// A request method: any token of RFC 9110 § 5.6.2, in the case in which it was sent (§ 9.1).
package struct HTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init?(rawValue: String) {
        guard !rawValue.isEmpty, rawValue.utf8.allSatisfy(\.isTokenCharacter) else { return nil }
        self.rawValue = rawValue
    }

    private init(known: String) { rawValue = known }

    package static let get = HTTPMethod(known: "GET")
    package static let head = HTTPMethod(known: "HEAD")
    package static let post = HTTPMethod(known: "POST")
    package static let put = HTTPMethod(known: "PUT")
    package static let patch = HTTPMethod(known: "PATCH")
    package static let delete = HTTPMethod(known: "DELETE")
    package static let options = HTTPMethod(known: "OPTIONS")
    // Known, so that whoever asks for them hears 405 and what is allowed instead; nothing here answers them.
    package static let trace = HTTPMethod(known: "TRACE")
    package static let query = HTTPMethod(known: "QUERY")

    package var description: String { rawValue }
}
