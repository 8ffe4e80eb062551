import JSON

/// Judges values by those keywords of JSON Schema that the document uses; one that it does not know is a fault itself.
struct OpenAPISchemaChecker {
    /// Whether an object may hold what its schema does not name. In answers nothing may be undocumented.
    var isClosed: Bool
    private(set) var faults: [String] = []
    /// The places whose schema says `x-volatile`.
    private(set) var volatile: Set<String> = []

    private static let annotations: Set<String> = [
        "description", "format", "default", "x-volatile", "title", "deprecated",
    ]

    static func check(_ value: JSONValue, _ schema: JSONValue, isClosed: Bool) -> OpenAPISchemaChecker {
        var checker = OpenAPISchemaChecker(isClosed: isClosed)
        checker.judge(value, schema, "")
        return checker
    }

    private init(isClosed: Bool) { self.isClosed = isClosed }

    private mutating func judge(_ value: JSONValue, _ given: JSONValue, _ place: String) {
        guard let schema = OpenAPIDocument.shared.followed(given)?.object else {
            faults.append("\(place): no schema")
            return
        }
        if schema["x-volatile"]?.bool == true { volatile.insert(place) }
        for keyword in schema.members {
            switch keyword.key {
            case "type": judgeType(value, keyword.value, place)
            case "const": if value != keyword.value { faults.append("\(place): not the constant") }
            case "enum":
                if keyword.value.array?.contains(value) != true { faults.append("\(place): not in the enum") }
            case "anyOf": judgeAny(value, keyword.value.array ?? [], place)
            case "minimum", "maximum": judgeRange(value, keyword.key, keyword.value, place)
            case "minLength", "maxLength": judgeLength(value, keyword.key, keyword.value, place)
            case "pattern": judgePattern(value, keyword.value.string ?? "", place)
            case "minItems":
                if let items = value.array, let limit = keyword.value.int64, items.count < limit {
                    faults.append("\(place): too few items")
                }
            case "uniqueItems":
                if let items = value.array, Set(items).count < items.count {
                    faults.append("\(place): repeats an item")
                }
            case "items":
                for (index, item) in (value.array ?? []).enumerated() {
                    judge(item, keyword.value, "\(place)/\(index)")
                }
            case "maxItems":
                if let items = value.array, let limit = keyword.value.int64, items.count > limit {
                    faults.append("\(place): too many items")
                }
            case "required":
                guard let object = value.object else { continue }
                for name in keyword.value.array?.compactMap(\.string) ?? [] where object[name] == nil {
                    faults.append("\(place)/\(name): missing")
                }
            case "properties", "additionalProperties": continue
            default: if !Self.annotations.contains(keyword.key) { faults.append("\(place): unknown \(keyword.key)") }
            }
        }
        judgeMembers(value, schema, place)
    }

    private mutating func judgeMembers(_ value: JSONValue, _ schema: JSONObject, _ place: String) {
        guard let object = value.object, schema["type"] != nil else { return }
        for member in object.members {
            let at = "\(place)/\(member.key)"
            if let property = schema["properties"]?[member.key] {
                judge(member.value, property, at)
            } else if let additional = schema["additionalProperties"] {
                if additional.object != nil {
                    judge(member.value, additional, at)
                } else if additional.bool != true {
                    faults.append("\(at): not allowed")
                }
            } else if isClosed {
                faults.append("\(at): not documented")
            }
        }
    }

    private mutating func judgeAny(_ value: JSONValue, _ schemas: [JSONValue], _ place: String) {
        var tried: [String] = []
        for schema in schemas {
            var branch = OpenAPISchemaChecker(isClosed: isClosed)
            branch.judge(value, schema, place)
            if branch.faults.isEmpty {
                volatile.formUnion(branch.volatile)
                return
            }
            tried += branch.faults
        }
        faults.append("\(place): none of anyOf (\(tried.joined(separator: "; ")))")
    }

    private mutating func judgeType(_ value: JSONValue, _ type: JSONValue, _ place: String) {
        let names = type.array?.compactMap(\.string) ?? type.string.map { [$0] } ?? []
        let fits = names.contains { name in
            switch name {
            case "null": value.isNull
            case "string": value.string != nil
            case "integer": value.int64 != nil
            case "number": value.number != nil
            case "boolean": value.bool != nil
            case "array": value.array != nil
            case "object": value.object != nil
            default: false
            }
        }
        if !fits { faults.append("\(place): not of type \(names.joined(separator: " or "))") }
    }

    private mutating func judgeRange(_ value: JSONValue, _ key: String, _ limit: JSONValue, _ place: String) {
        guard let number = value.number?.double, let limit = limit.number?.double else { return }
        if key == "minimum" ? number < limit : number > limit { faults.append("\(place): breaks the \(key)") }
    }

    private mutating func judgePattern(_ value: JSONValue, _ pattern: String, _ place: String) {
        guard let text = value.string else { return }
        guard let regex = try? Regex(pattern) else { return faults.append("\(place): a pattern that is none") }
        if text.firstMatch(of: regex) == nil { faults.append("\(place): breaks the pattern") }
    }

    private mutating func judgeLength(_ value: JSONValue, _ key: String, _ limit: JSONValue, _ place: String) {
        guard let count = value.string?.unicodeScalars.count, let limit = limit.int64 else { return }
        if key == "minLength" ? count < limit : count > limit { faults.append("\(place): breaks the \(key)") }
    }
}

/// Compares an answer with an example: the same keys at every level, the same values but in the volatile places.
struct OpenAPIExampleComparison {
    private let volatile: Set<String>
    private(set) var differences: [String] = []

    static func differences(_ answer: JSONValue, from example: JSONValue, volatile: Set<String>) -> [String] {
        var comparison = OpenAPIExampleComparison(volatile: volatile)
        comparison.compare(answer, example, "")
        return comparison.differences
    }

    private init(volatile: Set<String>) { self.volatile = volatile }

    private mutating func compare(_ answer: JSONValue, _ example: JSONValue, _ place: String) {
        switch (answer, example) {
        case (.object(let answer), .object(let example)):
            for key in Set(answer.keys).union(example.keys).sorted() {
                switch (answer[key], example[key]) {
                case (let answer?, let example?): compare(answer, example, "\(place)/\(key)")
                case (nil, _): differences.append("\(place)/\(key) is documented and not answered")
                case (_, nil): differences.append("\(place)/\(key) is answered and not documented")
                }
            }
        case (.array(let answer), .array(let example)) where answer.count == example.count:
            for index in answer.indices { compare(answer[index], example[index], "\(place)/\(index)") }
        case (.null, .null): break
        case (.string, .string) where volatile.contains(place): break
        case (.number, .number) where volatile.contains(place): break
        default:
            if answer != example { differences.append("\(place): \(answer) is not the documented \(example)") }
        }
    }
}
