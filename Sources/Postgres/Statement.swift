/// One SQL statement under the name by which each connection prepares it at first use.
///
/// The text is written in the source, never put together from input; what varies is bound as `$1`, `$2`, …
package struct Statement: Sendable {
    package let name: String
    package let sql: String

    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}

extension Statement: Hashable {
    /// By name alone: hashing a page of SQL at every use would cost more than the look-up.
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
