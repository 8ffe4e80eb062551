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
