/// How a key of a `variables` object names a slot.
enum SlotAddress {
    /// The slot that the key names beyond doubt: by full key, by number or name, by label, in this order.
    static func slot(for key: String, in slots: [TemplateSlot]) -> Int? {
        if let index = slots.firstIndex(where: { $0.key == key }) { return index }
        let named = slots.indices.filter { slots[$0].name.text == key }
        if !named.isEmpty {
            // A bare number or name is the body's, unless only one component has it.
            return named.first { slots[$0].component == .body } ?? only(named)
        }
        return only(slots.indices.filter { slots[$0].label == key })
    }

    /// The shortest key that names the slot without regard to labels.
    static func key(for index: Int, in slots: [TemplateSlot]) -> String {
        let name = slots[index].name.text
        return slot(for: name, in: slots) == index ? name : slots[index].key
    }

    private static func only(_ candidates: [Int]) -> Int? {
        candidates.count == 1 ? candidates.first : nil
    }
}

/// One step of a JSON pointer (RFC 6901 §3).
enum JSONPointerToken {
    static func escaped(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return token }
        var escaped = ""
        for scalar in token.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
