extension JSONWriter {
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        }
    }
}

extension JSONValue {
    /// The text without any space.
    package func serialized() -> [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.finish()
    }

    /// The text for people: a line a value, two spaces a level.
    package func prettyPrinted() -> [UInt8] {
        var text: [UInt8] = []
        appendPretty(to: &text, level: 0)
        return text
    }

    private func appendPretty(to text: inout [UInt8], level: Int) {
        func list(_ brackets: (UInt8, UInt8), count: Int, _ element: (Int, inout [UInt8]) -> Void) {
            text.append(brackets.0)
            for index in 0..<count {
                text.append(contentsOf: index == 0 ? "\n".utf8 : ",\n".utf8)
                text.append(contentsOf: repeatElement(0x20, count: 2 * (level + 1)))
                element(index, &text)
            }
            text.append(0x0A)
            text.append(contentsOf: repeatElement(0x20, count: 2 * level))
            text.append(brackets.1)
        }
        switch self {
        case .array(let elements) where !elements.isEmpty:
            list((UInt8(ascii: "["), UInt8(ascii: "]")), count: elements.count) { index, text in
                elements[index].appendPretty(to: &text, level: level + 1)
            }
        case .object(let object) where !object.isEmpty:
            list((UInt8(ascii: "{"), UInt8(ascii: "}")), count: object.count) { index, text in
                text.append(contentsOf: JSONValue.string(object.members[index].key).serialized())
                text.append(contentsOf: ": ".utf8)
                object.members[index].value.appendPretty(to: &text, level: level + 1)
            }
        default: text.append(contentsOf: serialized())
        }
    }
}
