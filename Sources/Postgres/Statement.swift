/// One SQL statement under the name by which each connection prepares it at first use.
///
/// The text is written in the source, never put together from input; what varies is bound as `$1`, `$2`, …
package struct Statement: Sendable {
    package let name: String
    package let sql: String
    /// False for one of so many variants that connections must not remember them all. It is planned at each use, for
    /// the values it comes with.
    package let isPrepared: Bool

    package init(_ name: String, _ sql: String, isPrepared: Bool = true) {
        self.name = name
        self.sql = sql
        self.isPrepared = isPrepared
    }
}

extension Statement: Hashable {
    /// By name alone: hashing a page of SQL at every use would cost more than the look-up.
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
