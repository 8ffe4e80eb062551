/// A file that a contact sent.
package struct InboundMedia: Sendable, Hashable {
    package var kind: MediaKind
    /// In the provider's words, without parameters.
    package var mimeType: String
    package var filename: String?
    /// What names it at the provider: Meta's id, or the address that WAHA gave.
    package var place: String
    package var sha256: [UInt8]?

    package init(kind: MediaKind, mimeType: String, filename: String?, place: String, sha256: [UInt8]?) {
        self.kind = kind
        self.mimeType = mimeType.prefix { $0 != ";" }.lowercased()
        self.filename = filename
        self.place = place
        self.sha256 = sha256
    }
}
