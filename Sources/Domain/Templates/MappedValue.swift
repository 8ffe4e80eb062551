/// What an admin's mapping yields for a slot: used where the caller gives nothing.
package struct MappedValue: Sendable, Hashable {
    package var value: String
    /// As preflight shows it: `lead.first_name`.
    package var source: String

    package init(value: String, source: String) {
        self.value = value
        self.source = source
    }
}
