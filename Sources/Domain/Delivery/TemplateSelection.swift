/// The template that a request names, with what it says about it.
struct TemplateSelection {
    let request: SendRequest.TemplateContent
    /// The pointer under which the request stands: empty, or `/fallback`.
    let root: String
    let template: Template?

    init(_ request: SendRequest.TemplateContent, root: String, given: Instance.ID?, in context: SendContext) {
        self.request = request
        self.root = root
        switch request.choice {
        case .id(let id):
            template = context.templates.first { $0.id == id }
        case .name(let name, let language):
            let namesakes = context.templates.filter { $0.name == name && $0.language == language }
            template = Self.preferred(among: namesakes, given: given, in: context)
        }
    }

    var pointer: String {
        switch request.choice {
        case .id: "\(root)/template_id"
        case .name: "\(root)/template"
        }
    }

    /// One name may stand in several business accounts: the given instance's goes first, then that of the latest
    /// conversation, then one that can be sent at all, then the eldest.
    private static func preferred(
        among namesakes: [Template], given: Instance.ID?, in context: SendContext
    ) -> Template? {
        if let given, let instance = context.instances.first(where: { $0.id == given }),
            let own = namesakes.first(where: { $0.belongs(to: instance) })
        {
            return own
        }
        let senders = context.instances.filter { instance in namesakes.contains { $0.belongs(to: instance) } }
        if let latest = InstanceChoice.latest(among: senders, in: context) {
            return namesakes.first { $0.belongs(to: latest) }
        }
        func order(_ template: Template) -> (Int, Int, Template.ID) {
            let hasSender = senders.contains { template.belongs(to: $0) }
            return (hasSender ? 0 : 1, template.status == .approved ? 0 : 1, template.id)
        }
        return namesakes.min { order($0) < order($1) }
    }
}
