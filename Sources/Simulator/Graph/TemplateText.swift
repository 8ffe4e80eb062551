/// A template's text and its `{{…}}` slots.
struct TemplateText {
    private enum Piece {
        case words(Substring)
        case variable(String)
    }

    private let pieces: [Piece]

    init(_ text: String) {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = Self.firstIndex(of: "{{", in: rest) {
            let inner = rest[rest.index(open, offsetBy: 2)...]
            guard let close = Self.firstIndex(of: "}}", in: inner) else { break }
            pieces.append(.words(rest[..<open]))
            pieces.append(.variable(String(inner[..<close].filter { $0 != " " })))
            rest = inner[inner.index(close, offsetBy: 2)...]
        }
        pieces.append(.words(rest))
        self.pieces = pieces
    }

    /// Each name once; numbers in numeric order, names in the order of the text.
    var variables: [String] {
        var names: [String] = []
        for case .variable(let name) in pieces where !names.contains(name) { names.append(name) }
        let numbers = names.compactMap(Int.init)
        return numbers.count == names.count ? numbers.sorted().map(String.init) : names
    }

    /// A variable without a value stays as it is written.
    func filled(_ values: [String: String]) -> String {
        pieces.reduce(into: "") { text, piece in
            switch piece {
            case .words(let words): text += words
            case .variable(let name): text += values[name] ?? "{{\(name)}}"
            }
        }
    }

    private static func firstIndex(of pair: String, in text: Substring) -> Substring.Index? {
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix(pair) { return index }
            index = text.index(after: index)
        }
        return nil
    }
}
