/// One reason why given values do not fill a template.
package struct BindingFault: Sendable, Hashable, Error {
    package enum Code: String, Sendable, CaseIterable {
        case missing
        case extra
        case empty
        case tooLong = "too_long"
        case wrongType = "wrong_type"
        case newline
        case tab
        case spaces
    }

    /// RFC 6901, from the root of the body: `/variables/2`, `/variables/nome`, `/header_media`.
    package var pointer: String
    package var code: Code
    /// `header`, `body`, `button.0`; nil when the value belongs to no slot.
    package var component: String?
    /// `{{3}}`; nil when the value belongs to no slot.
    package var variable: String?
    package var label: String?
    /// The limit in Unicode scalars, for `too_long`.
    package var limit: Int?

    package init(
        pointer: String, code: Code, component: String? = nil, variable: String? = nil, label: String? = nil,
        limit: Int? = nil
    ) {
        self.pointer = pointer
        self.code = code
        self.component = component
        self.variable = variable
        self.label = label
        self.limit = limit
    }
}
