/// What a message of a service window can be, in the words of `type`; a template is sent by its own route.
package enum MessageKind: String, Sendable, CaseIterable {
    case text, image, video, audio, document, location, buttons, list

    /// Nil for what is no file.
    package var media: MediaKind? { MediaKind(rawValue: rawValue) }

    package init?(_ media: MediaKind) { self.init(rawValue: media.rawValue) }

    /// What `message` may hold, in Unicode scalars (Meta, "Messages"); 0 where there are no words.
    package var wordLimit: Int {
        switch self {
        case .text, .list: 4096
        case .image, .video, .document, .buttons: 1024
        case .audio, .location: 0
        }
    }

    /// Whether it says nothing without words.
    var needsWords: Bool { self == .text || self == .buttons || self == .list }

    var isInteractive: Bool { self == .buttons || self == .list }
}
