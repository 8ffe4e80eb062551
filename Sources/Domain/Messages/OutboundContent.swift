/// What a message says, whole: enough to send it, and to send it again.
package enum OutboundContent: Sendable, Hashable {
    case text(String)
    case media(MediaContent)
    case location(GeoLocation)
    case buttons(ReplyButtons)
    case list(OptionList)
    case template(TemplateSend)

    package struct MediaContent: Sendable, Hashable {
        package var kind: MediaKind
        package var reference: MediaReference
        package var caption: String?
        package var filename: String?

        package init(kind: MediaKind, reference: MediaReference, caption: String? = nil, filename: String? = nil) {
            self.kind = kind
            self.reference = reference
            self.caption = caption
            self.filename = filename
        }
    }

    package struct TemplateSend: Sendable, Hashable {
        package var name: String
        package var language: String
        package var components: [BoundComponent]

        package init(name: String, language: String, components: [BoundComponent]) {
            self.name = name
            self.language = language
            self.components = components
        }
    }

    /// The file that it brings, if it does; a template brings at most the one of its header.
    package var media: MediaReference? {
        switch self {
        case .media(let content): return content.reference
        case .template(let send):
            for case .media(_, let reference) in send.components.flatMap(\.parameters) { return reference }
            return nil
        case .text, .location, .buttons, .list: return nil
        }
    }

    /// The same with its file elsewhere.
    package func replacingMedia(by reference: MediaReference) -> OutboundContent {
        switch self {
        case .media(var content):
            content.reference = reference
            return .media(content)
        case .template(var send):
            send.components = send.components.map { component in
                var component = component
                component.parameters = component.parameters.map { parameter in
                    if case .media(let kind, _) = parameter { return .media(kind: kind, reference) }
                    return parameter
                }
                return component
            }
            return .template(send)
        case .text, .location, .buttons, .list: return self
        }
    }
}
