import JSON

/// The sample values that a template was submitted with.
struct TemplateExamples {
    private var positional: [String] = []
    private var named: [(name: String, value: String)] = []

    init() {}

    /// `positional` is a list, or for bodies a list of lists, of which the first counts.
    init(positional: JSONValue?, named: JSONValue?) {
        let list = positional?[0]?.array ?? positional?.array ?? []
        self.positional = list.map { $0.string ?? "" }
        self.named = (named?.array ?? []).compactMap { entry in
            guard let name = entry["param_name"]?.string, let value = entry["example"]?.string else { return nil }
            return (name, value)
        }
    }

    var first: String? { positional.first ?? named.first?.value }

    func value(of name: TemplateSlot.Name, at position: Int) -> String? {
        if let entry = named.first(where: { $0.name == name.text }) { return entry.value }
        return positional.indices.contains(position) ? positional[position] : nil
    }
}
