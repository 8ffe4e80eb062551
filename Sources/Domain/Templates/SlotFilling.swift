/// Fills slot by slot, and judges each value by itself and all values of a component together.
struct SlotFilling {
    private(set) var variables: [BoundTemplate.Variable] = []

    private let content: TemplateContent
    private let root: String
    private let given: GivenValues
    /// In Unicode scalars; nil where there is no text.
    private var lengths: [Int?]
    private var faultsBySlot: [(slot: Int, fault: BindingFault)] = []

    init(_ content: TemplateContent, given: GivenValues, mapped: [MappedValue?], root: String) {
        self.content = content
        self.root = root
        self.given = given
        lengths = Array(repeating: nil, count: content.slots.count)
        variables.reserveCapacity(content.slots.count)
        for index in content.slots.indices {
            fill(index, mapped: mapped.indices.contains(index) ? mapped[index] : nil)
        }
        judgeRenderedLengths()
    }

    /// By slot, then what belongs to no slot.
    var faults: [BindingFault] {
        let ordered = faultsBySlot.enumerated().sorted { ($0.element.slot, $0.offset) < ($1.element.slot, $1.offset) }
        return ordered.map(\.element.fault)
            + given.extras.map { BindingFault(pointer: "\(root)/\($0.token)", code: .extra) }
    }

    private mutating func fill(_ index: Int, mapped: MappedValue?) {
        switch given.bySlot[index]?.value {
        case .text(let value): take(value, source: "given", for: index)
        case .wrongType: add(.wrongType, for: index)
        case .null, nil:
            if let mapped { take(mapped.value, source: mapped.source, for: index) } else { add(.missing, for: index) }
        }
    }

    private mutating func take(_ value: String, source: String, for index: Int) {
        let slot = content.slots[index]
        let scan = ValueScan(value)
        lengths[index] = scan.length
        for code in scan.faults(maxLength: slot.maxLength) {
            add(code, for: index, limit: code == .tooLong ? slot.maxLength : nil)
        }
        variables.append(BoundTemplate.Variable(slot: slot, value: value, source: source))
    }

    private mutating func judgeRenderedLengths() {
        if case .text(let text)? = content.header { judge(text, limit: TemplateLimits.header) }
        judge(content.body, limit: TemplateLimits.body)
        for case let url? in content.buttons.map(\.url) { judge(url, limit: TemplateLimits.url) }
    }

    /// Several values that fit one by one may be too long together: the longest is told, with what is left for it.
    private mutating func judge(_ text: TemplateText, limit: Int) {
        guard text.slots.count > 1 else { return }
        var total = text.fixedLength
        for slot in text.slots { total += (lengths[slot] ?? 0) * text.occurrences(of: slot) }
        guard total > limit,
            !faultsBySlot.contains(where: { text.slots.contains($0.slot) && $0.fault.code == .tooLong })
        else { return }
        var longest = text.slots[0]
        for slot in text.slots.dropFirst() where (lengths[slot] ?? 0) > (lengths[longest] ?? 0) { longest = slot }
        let length = lengths[longest] ?? 0
        let others = total - length * text.occurrences(of: longest)
        add(.tooLong, for: longest, limit: max(0, limit - others) / text.occurrences(of: longest))
    }

    private mutating func add(_ code: BindingFault.Code, for index: Int, limit: Int? = nil) {
        let slot = content.slots[index]
        let place = given.place(of: index, in: content.slots)
        faultsBySlot.append(
            (
                index,
                BindingFault(
                    pointer: "\(root)/\(place.token)", code: code, component: slot.component.name,
                    variable: slot.placeholder, label: slot.label, limit: limit)
            ))
    }
}
