/// What a custom field holds.
package enum CustomFieldType: String, Sendable, CaseIterable {
    case text, number, currency, date, select, multiselect, checkbox

    /// Whether its values are chosen from a list.
    package var hasOptions: Bool { self == .select || self == .multiselect }
}
