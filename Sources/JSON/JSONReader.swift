/// A cursor over the bytes of one text, recursive down to `maximumDepth` and no further.
struct JSONReader {
    /// The reading cannot go on; the reason is the last of the faults.
    struct Halt: Error {}

    let base: UnsafePointer<UInt8>
    let count: Int
    let maximumDepth: Int

    var position = 0
    /// Where the cursor stands, from the root down.
    var path: [PathStep] = []
    var found: [FaultRecord] = []
    /// Bytes of the string being unescaped, kept for its capacity.
    var unescaped: [UInt8] = []

    init(base: UnsafePointer<UInt8>, count: Int, maximumDepth: Int) {
        self.base = base
        self.count = count
        self.maximumDepth = maximumDepth
    }

    mutating func readText() -> Result<JSONValue, JSONFaults> {
        var value = JSONValue.null
        do throws(Halt) {
            skipWhitespace()
            if position == count { throw halt(.empty, at: position) }
            value = try readValue()
            skipWhitespace()
            if position < count { throw halt(.trailing_data, at: position) }
        } catch {
            // What stopped it is already among the faults.
        }
        return found.isEmpty ? .success(value) : .failure(JSONFaults(faults: located()))
    }

    mutating func readValue() throws(Halt) -> JSONValue {
        guard position < count else { throw halt(.unexpected_end, at: position) }
        switch base[position] {
        case UInt8(ascii: "\""): return .string(try readString())
        case UInt8(ascii: "{"): return try readObject()
        case UInt8(ascii: "["): return try readArray()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try readNumber())
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        default: throw halt(.unexpected_byte, at: position)
        }
    }

    private mutating func readArray() throws(Halt) -> JSONValue {
        try enter()
        var elements: [JSONValue] = []
        if try !closes(with: UInt8(ascii: "]")) {
            path.append(.index(0))
            repeat {
                path[path.count - 1] = .index(elements.count)
                skipWhitespace()
                elements.append(try readValue())
                // Between elements the value being read is the array again.
                path[path.count - 1] = .between
            } while try continues(until: UInt8(ascii: "]"))
            path.removeLast()
        }
        return .array(elements)
    }

    private mutating func readObject() throws(Halt) -> JSONValue {
        try enter()
        var members: [(key: String, value: JSONValue)] = []
        var keys = KeySet()
        if try !closes(with: UInt8(ascii: "}")) {
            path.append(.between)
            // Most objects that come in have more members than one allocation of the first few would hold.
            members.reserveCapacity(8)
            repeat {
                skipWhitespace()
                let start = position
                let key = try readKey()
                path[path.count - 1] = .key(start, position)
                if !keys.isNew(key, after: members) { try note(.duplicate_key, at: start) }
                try readColon()
                members.append((key: key, value: try readValue()))
                path[path.count - 1] = .between
            } while try continues(until: UInt8(ascii: "}"))
            path.removeLast()
        }
        return .object(JSONObject(parsed: members))
    }

    private mutating func readKey() throws(Halt) -> String {
        guard position < count else { throw halt(.unexpected_end, at: position) }
        guard base[position] == UInt8(ascii: "\"") else { throw halt(.unexpected_byte, at: position) }
        return try readString()
    }

    private mutating func readColon() throws(Halt) {
        skipWhitespace()
        guard position < count else { throw halt(.unexpected_end, at: position) }
        guard base[position] == UInt8(ascii: ":") else { throw halt(.unexpected_byte, at: position) }
        position += 1
        skipWhitespace()
    }

    /// Steps over an opening bracket, if one more level is allowed.
    private mutating func enter() throws(Halt) {
        if path.count >= maximumDepth { throw halt(.too_deep, at: position) }
        position += 1
    }

    /// Whether the container just opened is empty; steps over its end if so.
    private mutating func closes(with bracket: UInt8) throws(Halt) -> Bool {
        skipWhitespace()
        guard position < count else { throw halt(.unexpected_end, at: position) }
        guard base[position] == bracket else { return false }
        position += 1
        return true
    }

    /// Steps over a comma (true) or the closing bracket (false).
    private mutating func continues(until bracket: UInt8) throws(Halt) -> Bool {
        skipWhitespace()
        guard position < count else { throw halt(.unexpected_end, at: position) }
        let byte = base[position]
        guard byte == UInt8(ascii: ",") || byte == bracket else { throw halt(.unexpected_byte, at: position) }
        position += 1
        return byte != bracket
    }

    private mutating func expect(_ literal: StaticString) throws(Halt) {
        for offset in 0..<literal.utf8CodeUnitCount {
            guard position < count else { throw halt(.unexpected_end, at: position) }
            guard base[position] == literal.utf8Start[offset] else { throw halt(.unexpected_byte, at: position) }
            position += 1
        }
    }

    private mutating func skipWhitespace() {
        while position < count {
            switch base[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
            default: return
            }
        }
    }
}
