/// What an account keeps of a lead beside the fixed fields.
package struct CustomField: Sendable, Hashable {
    package typealias ID = Identifier<CustomField>

    package var id: ID
    /// The key of the values; it never changes, nor does the type.
    package var name: String
    /// What people read.
    package var label: String
    package var type: CustomFieldType
    /// What `select` and `multiselect` choose from.
    package var options: [String]
    /// A lead is not made without it.
    package var isRequired: Bool
    /// One that is not takes no new values; those that are there stay.
    package var isActive: Bool
    package var showOnCard: Bool
    package var sortOrder: Int

    package init(
        id: ID, name: String, label: String, type: CustomFieldType, options: [String], isRequired: Bool,
        isActive: Bool, showOnCard: Bool, sortOrder: Int
    ) {
        self.id = id
        self.name = name
        self.label = label
        self.type = type
        self.options = options
        self.isRequired = isRequired
        self.isActive = isActive
        self.showOnCard = showOnCard
        self.sortOrder = sortOrder
    }

    /// Whether values can be kept by it: a letter, then letters, digits, `_` and `-`; 64 in all.
    ///
    /// Template mappings name fields as `lead.custom_fields.<name>`, so that nothing that could end a name is in one.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy {
            isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: "-")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte & ~0x20)
    }

    /// How a template's mapping names it.
    package var mappingSource: String { "lead.custom_fields.\(name)" }
}
