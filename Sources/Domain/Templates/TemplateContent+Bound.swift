extension TemplateContent {
    /// The template with a faultless value for every slot, in the order of the slots.
    func bound(
        _ variables: [BoundTemplate.Variable], headerMedia: MediaReference?, _ headerLocation: GeoLocation?
    ) -> BoundTemplate {
        let values = variables.map(\.value)
        return BoundTemplate(
            variables: variables, rendered: rendered(with: values),
            components: components(with: values, headerMedia: headerMedia, headerLocation))
    }

    private func rendered(with values: [String]) -> RenderedTemplate {
        var words: String?
        if case .text(let text)? = header { words = text.rendered(with: values) }
        return RenderedTemplate(
            header: words, body: body.rendered(with: values), footer: footer,
            buttons: buttons.map { button in
                RenderedTemplate.Button(
                    type: button.type, text: button.text, url: button.url?.rendered(with: values))
            })
    }

    /// What has no parameter is left out: Meta counts parameters (132000).
    private func components(
        with values: [String], headerMedia: MediaReference?, _ headerLocation: GeoLocation?
    ) -> [BoundComponent] {
        var components: [BoundComponent] = []
        switch header {
        case .media(let kind)?:
            if let headerMedia {
                components.append(BoundComponent(place: .header, parameters: [.media(kind: kind, headerMedia)]))
            }
        case .location?:
            if let headerLocation {
                components.append(BoundComponent(place: .header, parameters: [.location(headerLocation)]))
            }
        case .text(let text)? where !text.slots.isEmpty:
            components.append(BoundComponent(place: .header, parameters: parameters(text.slots, values)))
        default: break
        }
        if !body.slots.isEmpty {
            components.append(BoundComponent(place: .body, parameters: parameters(body.slots, values)))
        }
        for button in buttons where !button.slots.isEmpty {
            let parameters = button.slots.map { slot -> BoundComponent.Parameter in
                slots[slot].kind == .couponCode ? .couponCode(values[slot]) : .text(values[slot], name: nil)
            }
            components.append(
                BoundComponent(
                    place: .button(index: button.index, subType: button.subType), parameters: parameters))
        }
        return components
    }

    private func parameters(_ indices: [Int], _ values: [String]) -> [BoundComponent.Parameter] {
        indices.map { index in
            if case .name(let name) = slots[index].name { return .text(values[index], name: name) }
            return .text(values[index], name: nil)
        }
    }
}
