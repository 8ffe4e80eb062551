/// A type of file that WhatsApp takes (Meta, "Media", "Supported media types").
package struct MediaType: Sendable, Hashable {
    /// In lower case, without parameters: `image/jpeg`.
    package let name: String
    package let kind: MediaKind
    private let signature: FileSignature

    /// - Parameter text: as in `Content-Type`; parameters as `codecs=opus` do not count. Nil for a type that is not
    ///   taken.
    package init?(_ text: String) {
        let bare = text.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard let type = Self.all.first(where: { $0.name == bare }) else { return nil }
        self = type
    }

    private init(_ name: String, _ kind: MediaKind, _ signature: FileSignature) {
        self.name = name
        self.kind = kind
        self.signature = signature
    }

    /// Whether a file that begins so may be of this type.
    ///
    /// - Parameter beginning: the first bytes, `FileSignature.length` of them where there are as many.
    package func matches(_ beginning: [UInt8]) -> Bool { signature.matches(beginning) }

    package static let all: [MediaType] = [
        MediaType("image/jpeg", .image, .jpeg), MediaType("image/png", .image, .png),
        MediaType("video/mp4", .video, .mp4), MediaType("video/3gpp", .video, .threeGPP),
        MediaType("audio/aac", .audio, .aac), MediaType("audio/amr", .audio, .amr),
        MediaType("audio/mpeg", .audio, .mpeg), MediaType("audio/mp4", .audio, .mp4),
        MediaType("audio/ogg", .audio, .ogg),
        MediaType("application/pdf", .document, .pdf), MediaType("text/plain", .document, .text),
        MediaType("application/msword", .document, .compound),
        MediaType("application/vnd.ms-excel", .document, .compound),
        MediaType("application/vnd.ms-powerpoint", .document, .compound),
        MediaType("application/vnd.openxmlformats-officedocument.wordprocessingml.document", .document, .zip),
        MediaType("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", .document, .zip),
        MediaType("application/vnd.openxmlformats-officedocument.presentationml.presentation", .document, .zip),
    ]
}
