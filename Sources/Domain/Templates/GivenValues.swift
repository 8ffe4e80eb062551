/// The caller's values sorted onto the slots, and those that belong to none.
struct GivenValues {
    struct Given {
        var value: VariableValue
        var place: Place
    }

    /// Where a value stands in the request's `variables`.
    enum Place {
        case index(Int)
        case key(String)

        var token: String {
            switch self {
            case .index(let index): String(index)
            case .key(let key): JSONPointerToken.escaped(key)
            }
        }
    }

    /// One for each slot.
    private(set) var bySlot: [Given?]
    private(set) var extras: [Place] = []
    private let isObject: Bool

    init(_ input: VariablesInput, for slots: [TemplateSlot]) {
        bySlot = Array(repeating: nil, count: slots.count)
        switch input {
        case .absent:
            isObject = false
        case .list(let values):
            isObject = false
            for (index, value) in values.enumerated() {
                if slots.indices.contains(index) {
                    bySlot[index] = Given(value: value, place: .index(index))
                } else {
                    extras.append(.index(index))
                }
            }
        case .object(let members):
            isObject = true
            var unplaced: [String] = []
            for member in members {
                if let index = SlotAddress.slot(for: member.key, in: slots), bySlot[index] == nil {
                    bySlot[index] = Given(value: member.value, place: .key(member.key))
                } else {
                    unplaced.append(member.key)
                }
            }
            // The order of members means nothing, so it does not show.
            extras = unplaced.sorted().map { .key($0) }
        case .bound(let components):
            isObject = false
            for component in components { take(component, slots) }
        }
    }

    /// By name where the parameter has one, otherwise in the order of the component's slots. A one-time password is the
    /// body's, and its button has no slot of its own.
    private mutating func take(_ component: BoundComponent, _ slots: [TemplateSlot]) {
        let own = slots.indices.filter { slots[$0].component == component.place.slots }
        for (place, parameter) in component.parameters.enumerated() {
            guard let (value, name) = parameter.words else { continue }
            let slot =
                name.map { name in own.first { slots[$0].name == .name(name) } }
                ?? (own.indices.contains(place) ? own[place] : nil)
            if let slot {
                bySlot[slot] = Given(value: .text(value), place: .index(slot))
            } else if case .body = component.place {
                extras.append(.index(place))
            } else if case .header = component.place {
                extras.append(.index(place))
            }
        }
    }

    /// Where the slot's value stands, or should have stood.
    func place(of slot: Int, in slots: [TemplateSlot]) -> Place {
        if let given = bySlot[slot] { return given.place }
        return isObject ? .key(SlotAddress.key(for: slot, in: slots)) : .index(slot)
    }
}

extension BoundComponent.Place {
    fileprivate var slots: TemplateSlot.Component {
        switch self {
        case .header: .header
        case .body: .body
        case .button(let index, _): .button(index)
        }
    }
}

extension BoundComponent.Parameter {
    /// Nil for a file or a place, which are no variables.
    fileprivate var words: (value: String, name: String?)? {
        switch self {
        case .text(let text, let name): (text, name)
        case .couponCode(let code): (code, nil)
        case .payload(let payload): (payload, nil)
        case .media, .location: nil
        }
    }
}
