import JSON

/// One object of a Graph request with the path by which errors name it: `template['components'][0]`.
struct GraphParameters {
    let object: JSONObject
    let path: String

    init(_ object: JSONObject, path: String = "") {
        self.object = object
        self.path = path
    }

    func path(_ key: String) -> String { path.isEmpty ? key : "\(path)['\(key)']" }

    func allow(_ keys: Set<String>) throws(GraphError) {
        guard let key = object.keys.first(where: { !keys.contains($0) }) else { return }
        throw .unexpectedKey(key, on: path)
    }

    func require(_ key: String) throws(GraphError) {
        guard object[key] != nil else {
            throw path.isEmpty ? .required(key) : .missing("\(path(key)) is missing")
        }
    }

    /// Lengths count Unicode scalars.
    func string(_ key: String, atMost limit: Int = .max, orEmpty: Bool = false) throws(GraphError) -> String {
        try require(key)
        guard let text = object[key]?.string else { throw .parameter(path(key), "must be a string") }
        guard orEmpty || !text.isEmpty else { throw .parameter(path(key), "must be at least 1 character long") }
        guard text.unicodeScalars.count <= limit else {
            throw .parameter(path(key), "must be at most \(limit) characters long")
        }
        return text
    }

    func optionalString(_ key: String, atMost limit: Int = .max) throws(GraphError) -> String? {
        object[key] == nil ? nil : try string(key, atMost: limit)
    }

    func bool(_ key: String) throws(GraphError) -> Bool? {
        guard let value = object[key] else { return nil }
        guard let bool = value.bool else { throw .parameter(path(key), "must be a boolean") }
        return bool
    }

    /// Graph takes numbers also as text.
    func number(_ key: String) throws(GraphError) -> Double {
        try require(key)
        guard let value = object[key], let number = value.number?.double ?? value.string.flatMap(Double.init) else {
            throw .parameter(path(key), "must be a number")
        }
        return number
    }

    func nested(_ key: String) throws(GraphError) -> GraphParameters {
        try require(key)
        guard let object = object[key]?.object else { throw .parameter(path(key), "must be a JSON object") }
        return GraphParameters(object, path: path(key))
    }

    func optionalNested(_ key: String) throws(GraphError) -> GraphParameters? {
        object[key] == nil ? nil : try nested(key)
    }

    func list(_ key: String, of range: ClosedRange<Int> = 0...Int.max) throws(GraphError) -> [GraphParameters] {
        try require(key)
        guard let elements = object[key]?.array else { throw .parameter(path(key), "must be an array") }
        guard range.contains(elements.count) else {
            throw .badValue("\(path(key)) must have \(range.lowerBound) to \(range.upperBound) elements")
        }
        var list: [GraphParameters] = []
        for (index, element) in elements.enumerated() {
            let path = "\(self.path(key))[\(index)]"
            guard let object = element.object else { throw .parameter(path, "must be a JSON object") }
            list.append(GraphParameters(object, path: path))
        }
        return list
    }
}
