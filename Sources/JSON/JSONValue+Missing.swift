/// What may be missing, and then is JSON's null.
extension JSONValue {
    package static func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    package static func integer(_ value: Int64?) -> JSONValue { value.map { .number(JSONNumber($0)) } ?? .null }
}
