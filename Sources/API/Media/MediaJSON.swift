import Domain
import JSON
import Storage

extension JSONWriter {
    /// - Parameter url: where its bytes are read; nil while there are none.
    mutating func medium(_ entry: MediaStore.Entry, url: String?) {
        let medium = entry.medium
        let isHere = entry.state == .stored
        beginObject()
        member("id", medium.id.rawValue)
        member("source", medium.source.rawValue)
        member("status", entry.state.rawValue)
        member("type", medium.kind.rawValue)
        member("mime_type", medium.mimeType)
        member("filename", medium.filename)
        member("size", isHere ? medium.size : nil)
        member("sha256", isHere ? medium.hexadecimalHash : nil)
        member("instance_id", medium.instanceID?.rawValue)
        member("url", url)
        member("created_at", medium.createdAt.text)
        endObject()
    }
}
