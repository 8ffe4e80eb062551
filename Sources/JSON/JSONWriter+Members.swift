// A key and its value in one call; `nil` writes null, so that a shape always has all its members.
extension JSONWriter {
    package mutating func member(_ key: StaticString, _ value: String?) {
        self.key(key)
        if let value { string(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: Int64?) {
        self.key(key)
        if let value { int(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: Int?) {
        self.key(key)
        if let value { int(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: Bool?) {
        self.key(key)
        if let value { bool(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: Double?) {
        self.key(key)
        if let value { double(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: JSONNumber?) {
        self.key(key)
        if let value { number(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ value: JSONValue?) {
        self.key(key)
        if let value { self.value(value) } else { null() }
    }

    package mutating func member(_ key: StaticString, _ values: [String]?) {
        self.key(key)
        guard let values else { return null() }
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    package mutating func member(_ key: StaticString, _ values: [Int64]?) {
        self.key(key)
        guard let values else { return null() }
        beginArray()
        for value in values { int(value) }
        endArray()
    }

    package mutating func member(_ key: StaticString, minorUnits: Int64?, scale: Int) {
        self.key(key)
        if let minorUnits { decimal(minorUnits: minorUnits, scale: scale) } else { null() }
    }

    /// `bytes` are the JSON text of one value.
    package mutating func member(_ key: StaticString, raw bytes: [UInt8]?) {
        self.key(key)
        if let bytes { raw(bytes) } else { null() }
    }
}
