/// The `name=value` pairs of a query or form, decoded, in their order and with their duplicates.
package struct QueryItems: Sendable, Sequence {
    package struct Item: Sendable, Hashable {
        package let name: String
        /// Empty for a name without `=`.
        package let value: String
    }

    /// An item that cannot be decoded.
    package struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// The item as sent.
        package let raw: String
        /// Decoded, if the name is not itself what is wrong.
        package let name: String?
        package let reason: PercentDecodingFault

        /// Without the value, which may be anyone's data.
        package var description: String { "query item \(name ?? "(unreadable)"): \(reason.rawValue)" }
    }

    package let items: [Item]

    package init(_ items: [Item] = []) { self.items = items }

    /// - Parameter query: what follows the `?`; nil has no items, and empty items (`a=1&&b=2`) are skipped.
    package init(parsing query: String?) throws(Fault) {
        var items: [Item] = []
        // By bytes: a mark behind an ampersand would make one character of both.
        for piece in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            let parts = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                .map { Substring($0) }
            let name: String
            do {
                name = try PercentEncoding.decode(parts[0], plusIsSpace: true)
            } catch {
                throw Fault(raw: String(Substring(piece)), name: nil, reason: error)
            }
            do {
                let value = parts.count > 1 ? try PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
                items.append(Item(name: name, value: value))
            } catch {
                throw Fault(raw: String(Substring(piece)), name: name, reason: error)
            }
        }
        self.items = items
    }

    package var isEmpty: Bool { items.isEmpty }

    /// The first value of this name.
    package subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }

    package func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }

    package func makeIterator() -> IndexingIterator<[Item]> { items.makeIterator() }
}
