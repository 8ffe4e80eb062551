/// What a PATCH says of one field.
package enum Change<Value: Sendable>: Sendable {
    /// The body does not name it.
    case keep
    case set(Value)

    package func applied(to current: Value) -> Value {
        switch self {
        case .keep: current
        case .set(let value): value
        }
    }
}
