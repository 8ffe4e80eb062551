/// What a message says, whole: enough to send it, and to send it again.
package enum OutboundContent: Sendable, Hashable {
    case text(String)
    case template(TemplateSend)

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
}
