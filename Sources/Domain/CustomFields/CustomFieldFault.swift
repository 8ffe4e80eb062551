/// What is wrong with one value of a custom field.
package struct CustomFieldFault: Sendable, Hashable {
    package enum Code: Sendable, Hashable {
        /// No field has the name.
        case unknown
        /// The field takes no new values.
        case inactive
        case required
        /// The JSON type that it must have.
        case wrongType(String)
        case invalidCharacter
        /// In Unicode scalars.
        case tooLong(Int)
        case outOfRange
        /// More decimals than the currency has, or too large.
        case tooManyDecimals(Int)
        case notADate
        case notOneOf([String])
        case tooMany(Int)
        case repeated
    }

    /// The field's name, or the key that no field has.
    package let name: String
    package let code: Code
    /// The element of a multiselect.
    package let index: Int?

    package init(_ name: String, _ code: Code, at index: Int? = nil) {
        self.name = name
        self.code = code
        self.index = index
    }
}
