extension String {
    /// Equality of the UTF-8 bytes, without Unicode normalisation.
    func hasSameBytes(as other: String) -> Bool {
        // `==` answers first: for ASCII it is a memcmp, and most strings that differ differ for it too.
        self == other && utf8.elementsEqual(other.utf8)
    }
}

/// A string that hashes and compares by its bytes.
struct ExactText: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactText, right: ExactText) -> Bool { left.text.hasSameBytes(as: right.text) }

    func hash(into hasher: inout Hasher) {
        let hashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if hashed == nil { Array(text.utf8).withUnsafeBytes { hasher.combine(bytes: $0) } }
    }
}

/// Tells whether a key was already seen in one object, in constant time however many there are.
struct KeySet {
    /// Up to here comparing with each key is cheaper than hashing.
    static let linearLimit = 24

    /// A bit for each key's rough shape: most keys are new because their bit is clear.
    private var shapes: UInt64 = 0
    private var hashed: Set<ExactText> = []

    /// Whether `key` is new after `members`; call it for every key in turn.
    @inline(__always)
    mutating func isNew(_ key: String, after members: [(key: String, value: JSONValue)]) -> Bool {
        if members.count < Self.linearLimit {
            let bit = Self.shapeBit(key)
            defer { shapes |= bit }
            return shapes & bit == 0 || !members.contains { $0.key.hasSameBytes(as: key) }
        }
        return isNewAmongMany(key, after: members)
    }

    @inline(never)
    private mutating func isNewAmongMany(
        _ key: String, after members: [(key: String, value: JSONValue)]
    ) -> Bool {
        if hashed.isEmpty {
            for member in members { hashed.insert(ExactText(member.key)) }
        }
        return hashed.insert(ExactText(key)).inserted
    }

    /// One of 64 bits, from the length and three of the bytes; equal keys have equal bits.
    private static func shapeBit(_ key: String) -> UInt64 {
        let shape = key.utf8.withContiguousStorageIfAvailable { bytes -> UInt64 in
            guard bytes.count > 0 else { return 0 }
            let length = UInt64(bytes.count)
            let first = UInt64(bytes[0])
            let middle = UInt64(bytes[bytes.count / 2])
            let last = UInt64(bytes[bytes.count - 1])
            let mixed = (length << 24 | first << 16 | middle << 8 | last) &* 0x9E37_79B9_7F4A_7C15
            return mixed >> 58
        }
        return 1 << (shape ?? 0)
    }
}
