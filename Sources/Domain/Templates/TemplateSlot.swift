/// One `{{n}}` (or named) place of a template that a send must fill.
package struct TemplateSlot: Sendable, Hashable {
    package enum Component: Sendable, Hashable {
        case header
        case body
        case button(Int)

        /// As in faults and keys: `header`, `body`, `button.0`.
        package var name: String {
            switch self {
            case .header: "header"
            case .body: "body"
            case .button(let index): "button.\(index)"
            }
        }
    }

    package enum Name: Sendable, Hashable {
        case number(Int)
        case name(String)

        package var text: String {
            switch self {
            case .number(let number): String(number)
            case .name(let name): name
            }
        }
    }

    package enum Kind: String, Sendable, CaseIterable {
        case text
        /// The code of a copy-code button; at most 15 characters.
        case couponCode = "coupon_code"
        /// A one-time password: at most 15 characters, no URL.
        case code
    }

    package var component: Component
    package var name: Name
    package var kind: Kind
    package var label: String
    package var example: String?
    /// In Unicode scalars.
    package var maxLength: Int

    package init(
        component: Component, name: Name, kind: Kind, label: String, example: String?, maxLength: Int
    ) {
        self.component = component
        self.name = name
        self.kind = kind
        self.label = label
        self.example = example
        self.maxLength = maxLength
    }

    /// Unique in its template: `body.1`, `header.1`, `button.0.1`, `body.first_name`.
    package var key: String { "\(component.name).\(name.text)" }
    /// As it stands in the text: `{{3}}`.
    package var placeholder: String { "{{\(name.text)}}" }
}
