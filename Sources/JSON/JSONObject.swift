/// The members of an object in the order in which they were written.
package struct JSONObject: Sendable {
    package var members: [(key: String, value: JSONValue)]

    package init(_ members: [(String, JSONValue)] = []) {
        self.members = members.map { (key: $0.0, value: $0.1) }
    }

    init(parsed members: [(key: String, value: JSONValue)]) {
        self.members = members
    }

    package var keys: [String] { members.map(\.key) }
    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }

    /// Reads the first member of that name; writing replaces it in place, appends it, or with `nil` removes it.
    package subscript(_ key: String) -> JSONValue? {
        get { members.first { $0.key.hasSameBytes(as: key) }?.value }
        set {
            let index = members.firstIndex { $0.key.hasSameBytes(as: key) }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((key: key, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: Hashable {
    /// The order of members carries no meaning (RFC 8259 §4), so it does not count.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.members.count == right.members.count else { return false }
        if left.members.count <= KeySet.linearLimit {
            return left.members.allSatisfy { right[$0.key] == $0.value }
        }
        let index = Dictionary(
            right.members.map { (ExactText($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
        return left.members.allSatisfy { index[ExactText($0.key)] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        var sum = members.count
        for member in members {
            var one = Hasher()
            one.combine(member.key)
            one.combine(member.value)
            sum &+= one.finalize()
        }
        hasher.combine(sum)
    }
}
