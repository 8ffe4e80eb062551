import JSON

/// The rules for one parameter of a template component (Cloud API › Template messages › "Component parameters").
enum TemplateParameter {
    /// The words of a text, currency or date parameter.
    static func words(_ parameter: GraphParameters, of component: String) throws(GraphError) -> String {
        let type = try parameter.string("type").lowercased()
        switch type {
        case "text":
            try parameter.allow(["type", "text", "parameter_name"])
            guard let value = parameter.object["text"], !value.isNull, value.string != "" else {
                throw GraphError(
                    code: 100, "(#100) Invalid parameter",
                    details: "\(component): Parameter 'text' is mandatory for parameters of type text")
            }
            guard let text = value.string else { throw .parameter(parameter.path("text"), "must be a string") }
            guard !hasForbiddenSpace(text) else { throw .parameterWhitespace }
            return text
        case "currency", "date_time":
            try parameter.allow(["type", type, "parameter_name"])
            return try parameter.nested(type).string("fallback_value")
        default: throw .format(component, expected: "TEXT", received: type.uppercased())
        }
    }

    /// Line breaks, tabs, or five spaces in a row.
    private static func hasForbiddenSpace(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0 == "\n" || $0 == "\r" || $0 == "\t" } || text.contains("     ")
    }

    /// The values of a component's variables, in their order or by `parameter_name`.
    static func values(
        _ parameters: [GraphParameters], for variables: [String], named: Bool, of component: String
    ) throws(GraphError) -> [String: String] {
        guard parameters.count == variables.count else {
            throw .parameterCount(component, given: parameters.count, expected: variables.count)
        }
        var values: [String: String] = [:]
        for (index, parameter) in parameters.enumerated() {
            let name = try name(parameter, named: named, component) ?? variables[index]
            guard variables.contains(name), values[name] == nil else {
                throw .invalid("\(component): Parameter name \(name) is not one of the template's, or is repeated")
            }
            values[name] = try words(parameter, of: component)
        }
        return values
    }

    private static func name(
        _ parameter: GraphParameters, named: Bool, _ component: String
    ) throws(GraphError) -> String? {
        guard named else {
            guard parameter.object["parameter_name"] == nil else {
                throw .unexpectedKey("parameter_name", on: parameter.path)
            }
            return nil
        }
        guard let name = parameter.object["parameter_name"]?.string, !name.isEmpty else {
            throw .invalid("\(component): Parameter name is missing or empty")
        }
        return name
    }
}
