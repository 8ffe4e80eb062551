/// What a phone makes of a file.
package enum MediaKind: String, Sendable, CaseIterable {
    case image, video, audio, document
    /// Only received.
    case sticker

    /// In bytes (Meta, "Media", "Supported media types").
    package var limit: Int {
        switch self {
        case .image: 5 * 1024 * 1024
        case .video, .audio: 16 * 1024 * 1024
        case .document: 100 * 1024 * 1024
        case .sticker: 500 * 1024
        }
    }

    /// The largest of all limits, in bytes.
    package static let largest = MediaKind.allCases.map(\.limit).max() ?? 0

    /// Whether the provider shows words with it.
    package var takesCaption: Bool { self == .image || self == .video || self == .document }
    package var takesFilename: Bool { self == .document }
}
