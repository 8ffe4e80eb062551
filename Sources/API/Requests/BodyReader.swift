import Domain
import HTTP
import JSON

/// Reads a body's fields by name and type, and remembers every fault, so that all are told at once.
struct BodyReader {
    /// Of what an account gives a name to, in Unicode scalars.
    static let nameLimit = 120

    private let object: JSONObject
    private let pointer: String
    private var known: Set<String> = []
    private(set) var faults: [Problem.Detail] = []
    /// Unknown fields that the caller asked to have ignored.
    private(set) var warnings: [String] = []

    init(_ object: JSONObject, at pointer: String = "") {
        self.object = object
        self.pointer = pointer
    }

    /// The body of a request, which must be an object, after its query.
    init(_ exchange: Exchange, after query: QueryReader) throws {
        let value = try exchange.json()
        var query = query
        query.refuseUnknown(lenient: exchange.isLenient)
        guard let object = value.object else {
            throw Problem.validation(query.faults + [.init("", "wrong_type", Faults.wrongType, ["type": "object"])])
        }
        self.init(object)
        faults = query.faults
        warnings = query.warnings
    }

    /// The body of a request that may do without one.
    init(optional exchange: Exchange) throws {
        guard exchange.request.body.isEmpty else {
            try self.init(exchange, after: QueryReader(exchange))
            return
        }
        var query = QueryReader(exchange)
        query.refuseUnknown(lenient: exchange.isLenient)
        self.init(JSONObject([]))
        faults = query.faults
        warnings = query.warnings
    }

    func path(_ key: String) -> String { JSONPointer.appending(key, to: pointer) }

    mutating func fail(_ key: String, _ code: String, _ words: Words, _ values: [String: String] = [:]) {
        faults.append(.init(path(key), code, words, values))
    }

    /// The member, unless it is absent or null.
    mutating func value(_ key: String) -> JSONValue? {
        known.insert(key)
        guard let value = object[key], !value.isNull else { return nil }
        return value
    }

    /// Whether the body names the field, be it with null.
    func names(_ key: String) -> Bool { object[key] != nil }

    /// What a PATCH says of a field that cannot be cleared.
    mutating func change<Value: Sendable>(
        _ key: String, _ read: (inout BodyReader) -> Value?
    ) -> Change<Value> {
        guard names(key) else { return .keep }
        guard has(key) else {
            _ = value(key)
            fail(key, "required", Faults.required)
            return .keep
        }
        return read(&self).map { .set($0) } ?? .keep
    }

    /// What a PATCH says of a field that null, or a text of blanks, clears.
    mutating func clearable<Value: Sendable>(
        _ key: String, _ read: (inout BodyReader) -> Value?
    ) -> Change<Value?> {
        guard names(key) else { return .keep }
        let before = faults.count
        let value = read(&self)
        return faults.count > before ? .keep : .set(value)
    }

    mutating func boolean(_ key: String) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let truth = value.bool else {
            fail(key, "wrong_type", Faults.wrongType, ["type": "boolean"])
            return nil
        }
        return truth
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ key: String, _: Word.Type = Word.self, isRequired: Bool = false
    ) -> Word? where Word.RawValue == String {
        guard let value = value(key) else {
            if isRequired { fail(key, "required", Faults.required) }
            return nil
        }
        guard let word = value.string.flatMap(Word.init(rawValue:)) else {
            fail(key, "not_allowed", Faults.notOneOf, ["values": Word.allCases.map(\.rawValue).joined(separator: ", ")])
            return nil
        }
        return word
    }

    /// The members of an array; none if it is absent or at fault.
    mutating func elements(_ key: String, count: Int) -> [JSONValue] {
        guard let value = value(key) else { return [] }
        guard let items = value.array else {
            fail(key, "wrong_type", Faults.wrongType, ["type": "array"])
            return []
        }
        guard items.count <= count else {
            fail(key, "too_many", Faults.tooMany, ["limit": String(count)])
            return []
        }
        return items
    }

    /// The members of an array of objects, each with a reader of its own.
    mutating func objects<Element>(
        _ key: String, count: Int, lenient: Bool, _ read: (inout BodyReader) -> Element?
    ) -> [Element] {
        elements(key, count: count).enumerated().compactMap { index, item in
            let at = JSONPointer.appending(index, to: path(key))
            guard let object = item.object else {
                faults.append(.init(at, "wrong_type", Faults.wrongType, ["type": "object"]))
                return nil
            }
            var reader = BodyReader(object, at: at)
            let element = read(&reader)
            reader.refuseUnknown(lenient: lenient)
            absorb(reader)
            return element
        }
    }

    func has(_ key: String) -> Bool { object[key].map { !$0.isNull } ?? false }

    /// A text without NUL, which PostgreSQL cannot keep, of at most `maximum` Unicode scalars.
    mutating func text(_ key: String, maximum: Int, isRequired: Bool = false, mayBeBlank: Bool = false) -> String? {
        guard let value = value(key) else {
            if isRequired { fail(key, "required", Faults.required) }
            return nil
        }
        guard let text = value.string else {
            fail(key, "wrong_type", Faults.wrongType, ["type": "string"])
            return nil
        }
        guard !text.utf8.contains(0) else {
            fail(key, "invalid_character", Faults.invalidCharacter)
            return nil
        }
        guard text.unicodeScalars.count <= maximum else {
            fail(key, "too_long", Faults.tooLong, ["limit": String(maximum)])
            return nil
        }
        guard mayBeBlank || !text.allSatisfy(\.isWhitespace) else {
            if isRequired { fail(key, "blank", Faults.blank) }
            return nil
        }
        return text
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let number = value.number else {
            fail(key, "wrong_type", Faults.wrongType, ["type": "integer"])
            return nil
        }
        guard let integer = number.int64 else {
            let isIntegral = !number.text.contains { $0 == "." || $0 == "e" || $0 == "E" || $0 == "-" }
            fail(
                key, isIntegral ? "out_of_range" : "wrong_type",
                isIntegral ? Faults.outOfRange : Faults.wrongType, ["type": "integer"])
            return nil
        }
        guard range.contains(integer) else {
            fail(key, "out_of_range", Faults.outOfRange)
            return nil
        }
        return integer
    }

    mutating func id<Entity>(_ key: String, _: Entity.Type = Entity.self) -> Identifier<Entity>? {
        integer(key, in: 1...Identifier<Entity>.maximum).map { Identifier($0) }
    }

    /// Words of a set, in the order given.
    mutating func words<Word: RawRepresentable & CaseIterable>(
        _ key: String, count: Int, _: Word.Type
    ) -> [Word] where Word.RawValue == String {
        elements(key, count: count).enumerated().compactMap { index, item in
            if let word = item.string.flatMap(Word.init(rawValue:)) { return word }
            faults.append(
                .init(
                    JSONPointer.appending(index, to: path(key)), "not_allowed", Faults.notOneOf,
                    ["values": Word.allCases.map(\.rawValue).joined(separator: ", ")]))
            return nil
        }
    }

    /// Ids, each once.
    mutating func ids<Entity>(_ key: String, count: Int, _: Entity.Type = Entity.self) -> [Identifier<Entity>] {
        elements(key, count: count).enumerated().compactMap { index, item in
            guard let id = item.int64, (1...Identifier<Entity>.maximum).contains(id) else {
                let at = JSONPointer.appending(index, to: path(key))
                faults.append(.init(at, "wrong_type", Faults.wrongType, ["type": "integer"]))
                return nil
            }
            return Identifier(id)
        }.uniqued()
    }

    mutating func number(_ key: String) -> JSONNumber? {
        guard let value = value(key) else { return nil }
        guard let number = value.number else {
            fail(key, "wrong_type", Faults.wrongType, ["type": "number"])
            return nil
        }
        return number
    }

    mutating func instant(_ key: String) -> Timestamp? {
        guard let text = text(key, maximum: 64) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            fail(key, "invalid_format", Faults.instant)
            return nil
        }
        return time
    }

    /// `YYYY-MM-DD`, a day that exists.
    mutating func date(_ key: String, isRequired: Bool = false) -> String? {
        guard let text = text(key, maximum: 64, isRequired: isRequired) else { return nil }
        guard text.utf8.count == 10, let time = Timestamp(rfc3339: text) else {
            fail(key, "invalid_format", Faults.date)
            return nil
        }
        return String(time.text.prefix(10))
    }

    mutating func texts(_ key: String, maximum: Int, count: Int) -> [String] {
        let items = elements(key, count: count)
        var texts: [String] = []
        for (index, item) in items.enumerated() {
            let at = JSONPointer.appending(index, to: path(key))
            guard let text = item.string else {
                faults.append(.init(at, "wrong_type", Faults.wrongType, ["type": "string"]))
                continue
            }
            guard !text.utf8.contains(0) else {
                faults.append(.init(at, "invalid_character", Faults.invalidCharacter))
                continue
            }
            guard text.unicodeScalars.count <= maximum, !text.allSatisfy(\.isWhitespace) else {
                faults.append(.init(at, "too_long", Faults.lengthBetween, ["limit": String(maximum)]))
                continue
            }
            texts.append(text)
        }
        return texts
    }

    mutating func object(_ key: String) -> BodyReader? {
        guard let value = value(key) else { return nil }
        guard let object = value.object else {
            fail(key, "wrong_type", Faults.wrongType, ["type": "object"])
            return nil
        }
        return BodyReader(object, at: path(key))
    }

    /// The members of an object that others judge; none if it is absent or at fault.
    mutating func members(_ key: String) -> JSONObject {
        guard let value = value(key) else { return JSONObject([]) }
        guard let object = value.object else {
            fail(key, "wrong_type", Faults.wrongType, ["type": "object"])
            return JSONObject([])
        }
        return object
    }

    /// Takes over what a nested reader found.
    mutating func absorb(_ reader: BodyReader) {
        faults += reader.faults
        warnings += reader.warnings
    }

    mutating func add(_ details: [Problem.Detail]) { faults += details }

    /// Counts every member that nobody asked for as a fault, or as a warning for a lenient caller.
    mutating func refuseUnknown(lenient: Bool) {
        for key in object.keys where !known.contains(key) {
            if lenient {
                warnings.append(path(key))
            } else {
                fail(key, "unknown_field", Faults.unknownField)
            }
        }
    }

    func throwIfFaulty() throws {
        guard faults.isEmpty else { throw Problem.validation(faults) }
    }
}
