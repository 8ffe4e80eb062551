/// A file that a contact sent.
package struct InboundMedia: Sendable, Hashable {
    package var kind: MediaKind
    /// As the provider names it, in lower case and without parameters.
    package var mimeType: String
    package var filename: String?
    /// What names it at the provider: Meta's id, or the address that WAHA gave.
    package var place: String
    package var sha256: [UInt8]?

    package init(kind: MediaKind, mimeType: String, filename: String?, place: String, sha256: [UInt8]?) {
        self.kind = kind
        self.mimeType = Self.named(mimeType)
        self.filename = filename
        self.place = place
        self.sha256 = sha256
    }

    /// What is no type by its form (RFC 6838 § 4.2) says nothing of the file.
    private static func named(_ text: String) -> String {
        let bare = text.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        let parts = bare.split(separator: "/", omittingEmptySubsequences: false)
        let isNamed = parts.allSatisfy { part in
            (1...127).contains(part.utf8.count)
                && part.utf8.allSatisfy { octet in
                    switch octet {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                    default: "!#$&-^_.+".utf8.contains(octet)
                    }
                }
        }
        return parts.count == 2 && isNamed ? bare : "application/octet-stream"
    }
}
