package import JSON

/// The values a caller gives for a template's slots, before anything is judged.
package enum VariablesInput: Sendable, Hashable {
    case absent
    case list([VariableValue])
    /// In the order of the body; keys are numbers, names, labels, `header.1`, `button.0.1`.
    case object([VariableMember])
    /// What was bound before, to be bound again to the template as it is now.
    case bound([BoundComponent])
}

package struct VariableMember: Sendable, Hashable {
    package var key: String
    package var value: VariableValue

    package init(key: String, value: VariableValue) {
        self.key = key
        self.value = value
    }
}

package enum VariableValue: Sendable, Hashable {
    case text(String)
    case null
    /// A number, boolean, list or object: refused, because turning it into words would be a guess.
    case wrongType
}

extension VariablesInput {
    /// nil where it is neither list nor object.
    package init?(_ json: JSONValue) {
        switch json {
        case .null: self = .absent
        case .array(let items): self = .list(items.map(VariableValue.init))
        case .object(let object):
            self = .object(object.members.map { VariableMember(key: $0.key, value: VariableValue($0.value)) })
        default: return nil
        }
    }

    /// What one of many recipients is sent: their own values, in place of those that all share. Two objects are joined,
    /// so that a recipient says only what is different about them.
    package func over(_ shared: VariablesInput) -> VariablesInput {
        switch (self, shared) {
        case (.absent, _): return shared
        case (.object(let own), .object(let others)):
            let keys = Set(own.map(\.key))
            return .object(own + others.filter { !keys.contains($0.key) })
        default: return self
        }
    }
}

extension VariableValue {
    init(_ json: JSONValue) {
        switch json {
        case .null: self = .null
        case .string(let text): self = .text(text)
        default: self = .wrongType
        }
    }
}
