/// What stood in the places of a pattern's `{names}`, decoded.
package struct PathParameters: Sendable, Hashable {
    private var items: [Item]

    private struct Item: Sendable, Hashable {
        let name: String
        let value: String
    }

    package init(_ items: KeyValuePairs<String, String> = [:]) {
        self.items = items.map { Item(name: $0.key, value: $0.value) }
    }

    static let none = PathParameters()

    package subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }

    package var isEmpty: Bool { items.isEmpty }
    package var count: Int { items.count }

    mutating func append(_ name: String, _ value: String) { items.append(Item(name: name, value: value)) }
}
