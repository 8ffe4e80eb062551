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
        }
    }

    /// Where the slot's value stands, or should have stood.
    func place(of slot: Int, in slots: [TemplateSlot]) -> Place {
        if let given = bySlot[slot] { return given.place }
        return isObject ? .key(SlotAddress.key(for: slot, in: slots)) : .index(slot)
    }
}
