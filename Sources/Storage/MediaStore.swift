package import Domain
package import Postgres

/// Files, in pieces.
package struct MediaStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// In bytes; the last piece of a file may be shorter. A multiple of three, so that each can be told in base64 by
    /// itself.
    package static let chunkSize = 255 * 1024

    package static func chunkCount(_ size: Int) -> Int { (size + chunkSize - 1) / chunkSize }

    /// A file as it stands: its size and hash are there once it is stored.
    package struct Entry: Sendable, Hashable {
        package enum State: String, Sendable, CaseIterable { case partial, pending, stored, failed }

        package let medium: Medium
        package let state: State

        package init(medium: Medium, state: State) {
            self.medium = medium
            self.state = state
        }
    }

    /// What is known of a file before its first byte.
    package struct Beginning: Sendable {
        package var source: Medium.Source
        package var kind: MediaKind
        package var mimeType: String
        package var filename: String?
        package var apiKeyID: APIKey.ID?

        package init(
            source: Medium.Source, kind: MediaKind, mimeType: String, filename: String?, apiKeyID: APIKey.ID?
        ) {
            self.source = source
            self.kind = kind
            self.mimeType = mimeType
            self.filename = filename
            self.apiKeyID = apiKeyID
        }
    }

    static let columns = """
        f.id, f.source, f.kind, f.mime_type, f.filename, f.size, f.sha256, f.instance_id, f.created_at, f.state
        """

    static let selectOne = Statement(
        "media_get", "SELECT \(columns) FROM media f WHERE f.account_id = $1 AND f.id = $2 AND f.state <> 'partial'")

    /// nil for one that is not there, or has not arrived.
    package func one(_ id: Medium.ID, of account: Account.ID) -> Query<Entry?> {
        Query([(Self.selectOne, [.id(account), .id(id)])]) { try $0[0].first.map(Self.entry) }
    }

    /// Never inlined: inside an async function the optimiser of Swift 6.3.1 crashes on it ("splitting coroutine").
    @inline(never)
    static func entry(_ row: PostgresRow) throws -> Entry {
        var r = RowReader(row)
        let medium = Medium(
            id: try r.id(), source: try r.word(), kind: try r.word(), mimeType: try r.text(),
            filename: try r.textOrNil(), size: Int(try r.intOrNil() ?? 0), sha256: try r.bytesOrNil() ?? [],
            instanceID: try r.idOrNil(), createdAt: try r.timestamp())
        return Entry(medium: medium, state: try r.word())
    }

    static let selectChunk = Statement(
        "media_chunk", "SELECT c.data FROM media_chunks c WHERE c.account_id = $1 AND c.media_id = $2 AND c.number = $3"
    )

    /// nil past the end.
    package func chunk(_ number: Int, of id: Medium.ID, account: Account.ID) async throws -> [UInt8]? {
        try await pool.read(Self.selectChunk, [.id(account), .id(id), .int(number)]).first?.bytes(0)
    }

    // MARK: At the providers

    static let selectUpload = Statement(
        "media_upload_get",
        """
        SELECT u.provider_media_id FROM media_uploads u
        WHERE u.account_id = $1 AND u.media_id = $2 AND u.instance_id = $3 AND u.expires_at > $4
        """)

    /// Under which id the number's provider has the file, if it still has it then.
    package func providerID(
        of id: Medium.ID, at instance: Instance.ID, account: Account.ID, until time: Timestamp
    ) async throws -> String? {
        try await pool.read(Self.selectUpload, [.id(account), .id(id), .id(instance), .time(time)]).first?.text(0)
    }

    static let upsertUpload = Statement(
        "media_upload_put",
        """
        INSERT INTO media_uploads AS u (account_id, media_id, instance_id, provider_media_id, expires_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (account_id, media_id, instance_id) DO UPDATE SET
            provider_media_id = EXCLUDED.provider_media_id, expires_at = EXCLUDED.expires_at
        """)

    package func keep(
        providerID: String, of id: Medium.ID, at instance: Instance.ID, account: Account.ID, until time: Timestamp
    ) async throws {
        _ = try await pool.write(
            Self.upsertUpload, [.id(account), .id(id), .id(instance), .text(providerID), .time(time)])
    }

    static let deleteUpload = Statement(
        "media_upload_forget",
        "DELETE FROM media_uploads u WHERE u.account_id = $1 AND u.media_id = $2 AND u.instance_id = $3")

    /// The provider no longer knows the id.
    package func forgetProviderID(of id: Medium.ID, at instance: Instance.ID, account: Account.ID) async throws {
        _ = try await pool.write(Self.deleteUpload, [.id(account), .id(id), .id(instance)])
    }
}
