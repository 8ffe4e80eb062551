/// A template with a value in every slot.
package struct BoundTemplate: Sendable, Hashable {
    package struct Variable: Sendable, Hashable {
        package var slot: TemplateSlot
        package var value: String
        /// `given`, or the mapping it came from.
        package var source: String

        package init(slot: TemplateSlot, value: String, source: String) {
            self.slot = slot
            self.value = value
            self.source = source
        }
    }

    package var variables: [Variable]
    package var rendered: RenderedTemplate
    /// What the provider is given.
    package var components: [BoundComponent]

    package init(variables: [Variable], rendered: RenderedTemplate, components: [BoundComponent]) {
        self.variables = variables
        self.rendered = rendered
        self.components = components
    }
}

/// The words as the phone will show them.
package struct RenderedTemplate: Sendable, Hashable {
    package struct Button: Sendable, Hashable {
        /// Meta's word in lower case: `url`, `quick_reply`, `phone_number`, `copy_code`, `otp`.
        package var type: String
        package var text: String
        /// The whole link with its variable filled in; URL buttons only.
        package var url: String?

        package init(type: String, text: String, url: String?) {
            self.type = type
            self.text = text
            self.url = url
        }
    }

    package var header: String?
    package var body: String
    package var footer: String?
    package var buttons: [Button]

    package init(header: String?, body: String, footer: String?, buttons: [Button]) {
        self.header = header
        self.body = body
        self.footer = footer
        self.buttons = buttons
    }
}

/// One entry of `template.components` in a Cloud API send.
package struct BoundComponent: Sendable, Hashable {
    package enum Place: Sendable, Hashable {
        case header
        case body
        /// `subType` as Meta has it: `url`, `copy_code`, `quick_reply`.
        case button(index: Int, subType: String)
    }

    package enum Parameter: Sendable, Hashable {
        /// `name` for templates of the named format.
        case text(String, name: String?)
        case couponCode(String)
        case payload(String)
        case media(kind: String, MediaReference)
        case location(GeoLocation)
    }

    package var place: Place
    package var parameters: [Parameter]

    package init(place: Place, parameters: [Parameter]) {
        self.place = place
        self.parameters = parameters
    }
}
