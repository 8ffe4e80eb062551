import JSON

/// The template object of a send, with its form checked and its words not yet compared with any template.
struct TemplateSend {
    struct Component {
        enum Place: Equatable {
            case header, body
            case button(subType: String, index: Int)
        }

        let place: Place
        let parameters: [GraphParameters]
    }

    let name: String
    let language: String
    let components: [Component]

    private static let buttonSubTypes: Set<String> = [
        "quick_reply", "url", "copy_code", "flow", "catalog", "mpm", "order_details", "voice_call",
    ]

    init(_ template: GraphParameters) throws(GraphError) {
        try template.allow(["name", "language", "components"])
        name = try template.string("name", atMost: 512)
        let language = try template.nested("language")
        try language.allow(["code", "policy"])
        self.language = try language.string("code")
        var components: [Component] = []
        if template.object["components"] != nil {
            for component in try template.list("components") {
                let place = try Self.place(component)
                guard !components.contains(where: { $0.place == place }) else {
                    throw .invalid("\(component.path) repeats a component")
                }
                let parameters = component.object["parameters"] == nil ? [] : try component.list("parameters")
                components.append(Component(place: place, parameters: parameters))
            }
        }
        self.components = components
    }

    func parameters(_ place: Component.Place) -> [GraphParameters] {
        components.first { $0.place == place }?.parameters ?? []
    }

    /// Types are taken in either case, and an index as a number or as text.
    private static func place(_ component: GraphParameters) throws(GraphError) -> Component.Place {
        let type = try component.string("type").lowercased()
        switch type {
        case "header", "body":
            try component.allow(["type", "parameters"])
            return type == "header" ? .header : .body
        case "button":
            try component.allow(["type", "sub_type", "index", "parameters"])
            let subType = try component.string("sub_type").lowercased()
            guard buttonSubTypes.contains(subType) else {
                let known = buttonSubTypes.map { $0.uppercased() }.sorted().joined(separator: ", ")
                throw .parameter(component.path("sub_type"), "must be one of {\(known)}")
            }
            try component.require("index")
            let index = component.object["index"]
            guard let position = index?.int64 ?? index?.string.flatMap({ Int64($0) }), (0...9).contains(position)
            else { throw .badValue("\(component.path("index")) must be from 0 to 9") }
            return .button(subType: subType, index: Int(position))
        default: throw .parameter(component.path("type"), "must be one of {HEADER, BODY, BUTTON}")
        }
    }
}
