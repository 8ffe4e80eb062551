package import JSON

/// What a person is recognised by in texts that others wrote: their numbers in every form, addresses, and the
/// providers' names of their messages.
package struct PersonTraces: Sendable {
    /// Looked for anywhere in a text.
    package let parts: [String]
    /// Looked for as a whole text.
    private let names: Set<String>

    /// - Parameter messageIDs: what the providers call the messages from and to them.
    package init(_ identifiers: [ContactIdentifier], messageIDs: [String] = []) {
        var parts: Set<String> = []
        for identifier in identifiers {
            switch identifier.kind {
            case .phone, .waID:
                parts.formUnion(PhoneMatchKey.forms(of: identifier.matchKey))
                parts.insert(identifier.value.filter { $0 != "+" })
            case .lid, .email, .bsuid:
                parts.insert(identifier.value)
                parts.insert(identifier.matchKey)
            // Another system's number may be as short as "7", and providers never see it.
            case .externalID: break
            }
        }
        self.parts = parts.sorted()
        names = Set(messageIDs)
    }

    package func mark(_ text: String) -> Bool { names.contains(text) || parts.contains { text.contains($0) } }

    /// What is left of a webhook's body without the person.
    package enum Remainder: Sendable, Hashable {
        case untouched
        /// The items of others.
        case rewritten(JSONValue)
        case nothing
    }

    /// Takes out of each list the items that name the person. What names them outside of a list belongs to the body
    /// as a whole, of which nothing is left then.
    ///
    /// - Parameter instances: what the providers call the account's numbers. The items of another account's number
    ///   stay: the person may be that account's contact too.
    package func removed(from body: JSONValue, instances: Set<String>) -> Remainder {
        if let session = body["session"]?.string, !instances.contains(session) { return .untouched }
        var cut = false
        guard let rest = rest(of: body, instances, &cut) else { return .nothing }
        return cut ? .rewritten(rest) : .untouched
    }

    /// nil when the value names the person.
    private func rest(of value: JSONValue, _ instances: Set<String>, _ cut: inout Bool) -> JSONValue? {
        switch value {
        case .null, .bool: return value
        case .number(let number): return mark(number.text) ? Optional.none : value
        case .string(let text): return mark(text) ? Optional.none : value
        case .array(let elements):
            let kept = elements.compactMap { rest(of: $0, instances, &cut) }
            if kept.count < elements.count { cut = true }
            return .array(kept)
        case .object(let object):
            if let number = object["metadata"]?["phone_number_id"]?.string, !instances.contains(number) { return value }
            var kept: [(String, JSONValue)] = []
            for member in object.members {
                guard !mark(member.key), let rest = rest(of: member.value, instances, &cut) else { return nil }
                kept.append((member.key, rest))
            }
            return .object(JSONObject(kept))
        }
    }
}
