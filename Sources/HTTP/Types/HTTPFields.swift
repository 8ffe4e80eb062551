/// Header fields in the order in which they came; names compare without case (RFC 9110 § 5.1).
///
/// All names and values lie in one array of octets, so that a request of ten fields costs two allocations; a `String`
/// is made only of what is asked for.
package struct HTTPFields: Sendable, Sequence, Hashable, ExpressibleByDictionaryLiteral {
    struct Slot: Sendable, Hashable {
        var nameStart: UInt32
        var nameEnd: UInt32
        var valueStart: UInt32
        var valueEnd: UInt32

        var nameCount: Int { Int(nameEnd - nameStart) }
    }

    private(set) var octets: [UInt8]
    private(set) var slots: [Slot]

    package init() {
        octets = []
        slots = []
    }

    /// Pairs that `append` would refuse are left out.
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        var count = 0
        for (name, value) in elements { count += name.utf8.count + value.utf8.count }
        octets.reserveCapacity(count)
        slots.reserveCapacity(elements.count)
        for (name, value) in elements { append(name, value) }
    }

    /// Slots into octets that a parser has already judged.
    init(octets: [UInt8], slots: [Slot]) {
        self.octets = octets
        self.slots = slots
    }

    package var count: Int { slots.count }
    package var isEmpty: Bool { slots.isEmpty }

    /// The first value of this name. Setting replaces every field of the name, nil removes them; a value that
    /// `append` would refuse changes nothing.
    package subscript(_ name: String) -> String? {
        get { firstSlot(name).map(value) }
        set {
            guard let newValue else { return remove(name) }
            guard contains(name) else {
                append(name, newValue)
                return
            }
            guard Self.isValid(value: newValue) else { return }
            remove(name)
            append(name, newValue)
        }
    }

    package func all(_ name: String) -> [String] {
        guard contains(name) else { return [] }
        return slots.filter { matches($0, name) }.map(value)
    }

    package func contains(_ name: String) -> Bool { firstSlot(name) != nil }

    package func count(of name: String) -> Int { slots.reduce(0) { $0 + (matches($1, name) ? 1 : 0) } }

    /// Refuses a name that is no token, and a value with control characters other than tab: CR, LF and NUL in it
    /// would let its author write fields of their own (RFC 9110 § 5.5).
    @discardableResult
    package mutating func append(_ name: String, _ value: String) -> Bool {
        var (name, value) = (name, value)
        if octets.isEmpty { reserve() }
        let nameStart = octets.count
        guard name.withUTF8({ octets.append($0, if: $0.isToken) }) else { return false }
        let valueStart = octets.count
        guard value.withUTF8({ octets.append($0, if: $0.isFieldValue) }) else {
            octets.removeSubrange(nameStart...)
            return false
        }
        slots.append(
            trimmed(
                Slot(
                    nameStart: UInt32(nameStart), nameEnd: UInt32(valueStart), valueStart: UInt32(valueStart),
                    valueEnd: UInt32(octets.count))))
        return true
    }

    /// Enough for a usual answer, so that its first fields do not each move those before.
    private mutating func reserve() {
        octets.reserveCapacity(160)
        slots.reserveCapacity(6)
    }

    package mutating func remove(_ name: String) {
        let kept = slots.filter { !matches($0, name) }
        guard kept.count < slots.count else { return }
        // Rebuilt, so that fields which are set again and again do not pile up octets.
        var rebuilt = HTTPFields()
        for slot in kept { rebuilt.append(copying: slot, of: self) }
        self = rebuilt
    }

    package func makeIterator() -> Iterator { Iterator(fields: self) }

    package struct Iterator: IteratorProtocol {
        private let fields: HTTPFields
        private var index = 0

        fileprivate init(fields: HTTPFields) { self.fields = fields }

        package mutating func next() -> (name: String, value: String)? {
            guard index < fields.slots.count else { return nil }
            defer { index += 1 }
            let slot = fields.slots[index]
            return (fields.name(slot), fields.value(slot))
        }
    }

    /// The same fields in the same order, names without case.
    package static func == (left: HTTPFields, right: HTTPFields) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).allSatisfy { $0.name.equalsIgnoringCase($1.name) && $0.value == $1.value }
    }

    package func hash(into hasher: inout Hasher) {
        for (name, value) in self {
            hasher.combine(name.lowercased())
            hasher.combine(value)
        }
    }

    package static func isValid(name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(\.isTokenCharacter)
    }

    package static func isValid(value: String) -> Bool { value.utf8.allSatisfy(\.isFieldValueOctet) }
}

extension HTTPFields {
    func name(_ slot: Slot) -> String {
        String(decoding: octets[Int(slot.nameStart)..<Int(slot.nameEnd)], as: UTF8.self)
    }

    func value(_ slot: Slot) -> String {
        String(decoding: octets[Int(slot.valueStart)..<Int(slot.valueEnd)], as: UTF8.self)
    }

    func firstSlot(_ name: String) -> Slot? {
        let count = name.utf8.count
        for slot in slots where slot.nameCount == count && matches(slot, name) { return slot }
        return nil
    }

    func matches(_ slot: Slot, _ name: String) -> Bool {
        guard slot.nameCount == name.utf8.count else { return false }
        var index = Int(slot.nameStart)
        for octet in name.utf8 {
            guard octets[index].asciiLowercased == octet.asciiLowercased else { return false }
            index += 1
        }
        return true
    }

    /// - Parameter name: in lower case.
    func matches(_ slot: Slot, ignoringCaseOf name: StaticString) -> Bool {
        octets.withUnsafeBufferPointer {
            HTTP.matches($0, Int(slot.nameStart)..<Int(slot.nameEnd), ignoringCaseOf: name)
        }
    }

    /// - Parameter value: in lower case.
    func hasValue(_ slot: Slot, ignoringCaseOf value: StaticString) -> Bool {
        octets.withUnsafeBufferPointer {
            HTTP.matches($0, Int(slot.valueStart)..<Int(slot.valueEnd), ignoringCaseOf: value)
        }
    }

    private mutating func append(copying slot: Slot, of other: HTTPFields) {
        let nameStart = UInt32(octets.count)
        octets.append(contentsOf: other.octets[Int(slot.nameStart)..<Int(slot.nameEnd)])
        let valueStart = UInt32(octets.count)
        octets.append(contentsOf: other.octets[Int(slot.valueStart)..<Int(slot.valueEnd)])
        slots.append(
            Slot(nameStart: nameStart, nameEnd: valueStart, valueStart: valueStart, valueEnd: UInt32(octets.count)))
    }

    private func trimmed(_ slot: Slot) -> Slot {
        var slot = slot
        while slot.valueStart < slot.valueEnd, isBlank(octets[Int(slot.valueStart)]) { slot.valueStart += 1 }
        while slot.valueStart < slot.valueEnd, isBlank(octets[Int(slot.valueEnd) - 1]) { slot.valueEnd -= 1 }
        return slot
    }

    private func isBlank(_ octet: UInt8) -> Bool { octet == .space || octet == .tab }
}

extension [UInt8] {
    fileprivate mutating func append(_ octets: UnsafeBufferPointer<UInt8>, if isSound: Bool) -> Bool {
        if isSound { append(contentsOf: octets) }
        return isSound
    }
}
