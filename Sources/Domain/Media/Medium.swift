/// A file that is kept, whole.
package struct Medium: Sendable, Hashable {
    package typealias ID = Identifier<Medium>

    package enum Source: String, Sendable, CaseIterable {
        /// Given by a client.
        case upload
        /// Fetched from a link that a client gave.
        case link
        /// Sent by a contact.
        case inbound
    }

    package var id: ID
    package var source: Source
    package var kind: MediaKind
    package var mimeType: String
    package var filename: String?
    /// In bytes.
    package var size: Int
    package var sha256: [UInt8]
    /// The number that it came by; nil for what was not received.
    package var instanceID: Instance.ID?
    package var createdAt: Timestamp

    package init(
        id: ID, source: Source, kind: MediaKind, mimeType: String, filename: String?, size: Int, sha256: [UInt8],
        instanceID: Instance.ID?, createdAt: Timestamp
    ) {
        self.id = id
        self.source = source
        self.kind = kind
        self.mimeType = mimeType
        self.filename = filename
        self.size = size
        self.sha256 = sha256
        self.instanceID = instanceID
        self.createdAt = createdAt
    }
}

/// Where a file is.
package enum MediaReference: Sendable, Hashable {
    /// At the provider, by its id there.
    case id(String)
    /// Anywhere, for the provider to fetch.
    case link(String)
    /// Here: it goes to the provider first.
    case stored(Medium.ID)
}
