/// A component's text, cut at its placeholders.
package struct TemplateText: Sendable, Hashable {
    package enum Segment: Sendable, Hashable {
        case literal(String)
        /// By its index in the template's slots.
        case slot(Int)
    }

    package let segments: [Segment]
    /// The slots it shows, each once, in the order of the slots.
    package let slots: [Int]
    /// Unicode scalars outside the placeholders.
    package let fixedLength: Int

    init(_ pieces: [Placeholder.Piece], slot: (TemplateSlot.Name) -> Int?) {
        segments = pieces.map { piece in
            switch piece {
            case .literal(let text): return .literal(text)
            case .placeholder(let name):
                if let index = slot(name) { return .slot(index) }
                return .literal("{{\(name.text)}}")
            }
        }
        var shown: [Int] = []
        for case .slot(let index) in segments where !shown.contains(index) { shown.append(index) }
        slots = shown.sorted()
        fixedLength = Placeholder.fixedLength(of: pieces)
    }

    /// How often a slot's value appears.
    func occurrences(of slot: Int) -> Int {
        segments.count { $0 == .slot(slot) }
    }

    /// The words with every value in its place.
    func rendered(with values: [String]) -> String {
        var text = ""
        for segment in segments {
            switch segment {
            case .literal(let literal): text += literal
            case .slot(let index): text += values[index]
            }
        }
        return text
    }
}
