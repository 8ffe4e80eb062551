import Crypto
import JSON

/// Files at the providers, by their ids: those that a number uploaded, and those that contacts sent to it.
struct MediaShelf: Sendable {
    struct File: Sendable {
        let id: String
        /// Phone number id or session: the file is good for this one alone.
        let instance: String
        let mimeType: String
        let filename: String?
        let bytes: [UInt8]

        var kind: String { MediaRules.kind(mimeType) ?? "document" }
        var sha256: String { Hex.encode(SHA256.digest(bytes)) }
    }

    /// More than a test looks back at.
    private static let limit = 256
    private var files: [String: File] = [:]
    private var order: [String] = []

    mutating func put(_ file: File) {
        if order.count >= Self.limit { files[order.removeFirst()] = nil }
        files[file.id] = file
        order.append(file.id)
    }

    subscript(_ id: String) -> File? { files[id] }

    mutating func remove(_ id: String) {
        files[id] = nil
        order.removeAll { $0 == id }
    }
}

/// What is taken (Cloud API › Media › Supported media types), written from that page and not from the product.
enum MediaRules {
    private static let kinds: [String: [String]] = [
        "image": ["image/jpeg", "image/png"], "sticker": ["image/webp"],
        "video": ["video/mp4", "video/3gpp"],
        "audio": ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
        "document": [
            "text/plain", "application/pdf", "application/msword", "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
    ]

    static func kind(_ mimeType: String) -> String? {
        let bare = String(mimeType.prefix { $0 != ";" })
        return kinds.first { $0.value.contains(bare) }?.key
    }

    /// In bytes.
    static func limit(_ kind: String) -> Int {
        let megabyte = 1024 * 1024
        return switch kind {
        case "image": 5 * megabyte
        case "video", "audio": 16 * megabyte
        case "sticker": 500 * 1024
        default: 100 * megabyte
        }
    }

    /// Every file that a message's content names by an id, with the kind it is named as.
    static func named(in content: JSONValue) -> [(kind: String, id: String)] {
        switch content {
        case .array(let items): return items.flatMap(named)
        case .object(let object):
            return object.members.flatMap { key, value -> [(kind: String, id: String)] in
                if kinds[key] != nil, let id = value["id"]?.string { return [(key, id)] }
                return named(in: value)
            }
        default: return []
        }
    }
}
