import Domain
import HTTP

/// Reads a query's parameters by name and type, and remembers every fault.
struct QueryReader {
    private let items: [QueryItems.Item]
    /// Whether each has been asked for.
    private var isKnown: [Bool]
    private(set) var faults: [Problem.Detail] = []
    private(set) var warnings: [String] = []

    init(_ exchange: Exchange) {
        do throws(QueryItems.Fault) {
            items = try QueryItems(parsing: exchange.request.query).items
        } catch {
            items = []
            faults.append(.init("?\(error.name ?? "")", "invalid_encoding", Faults.encoding))
        }
        isKnown = Array(repeating: false, count: items.count)
    }

    /// The values of the parameters that are meant, which are known from here on.
    private mutating func take(_ isMeant: (String) -> Bool) -> [String] {
        var values: [String] = []
        for (index, item) in items.enumerated() where isMeant(item.name) {
            isKnown[index] = true
            values.append(item.value)
        }
        return values
    }

    mutating func fail(_ name: String, _ code: String, _ words: Words, _ values: [String: String] = [:]) {
        faults.append(.init("?\(name)", code, words, values))
    }

    /// The value of a parameter that stands once; empty is absent.
    mutating func text(_ name: String, maximum: Int = 255) -> String? {
        let values = take { $0 == name }
        guard values.count <= 1 else {
            fail(name, "repeated", Faults.repeated)
            return nil
        }
        guard let value = values.first, !value.isEmpty else { return nil }
        guard !value.utf8.contains(0) else {
            fail(name, "invalid_character", Faults.invalidCharacter)
            return nil
        }
        guard value.unicodeScalars.count <= maximum else {
            fail(name, "too_long", Faults.tooLong, ["limit": String(maximum)])
            return nil
        }
        return value
    }

    mutating func integer(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = text(name) else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            fail(name, "wrong_type", Faults.wrongType, ["type": "integer"])
            return nil
        }
        guard let value = Int64(text), range.contains(value) else {
            fail(name, "out_of_range", Faults.outOfRange)
            return nil
        }
        return value
    }

    mutating func boolean(_ name: String) -> Bool? {
        guard let text = text(name) else { return nil }
        switch text {
        case "true", "1": return true
        case "false", "0": return false
        default:
            fail(name, "wrong_type", Faults.boolean)
            return nil
        }
    }

    /// An instant, or a date alone: its first moment in UTC.
    mutating func instant(_ name: String) -> Timestamp? {
        guard let text = text(name, maximum: 64) else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            fail(name, "invalid_format", Faults.instant)
            return nil
        }
        return time
    }

    /// The end of a range, itself outside of it: right behind the instant, or the midnight that a date alone ends with.
    mutating func end(_ name: String) -> Timestamp? {
        guard let time = instant(name) else { return nil }
        let isDate = items.contains { $0.name == name && $0.value.utf8.count == 10 }
        return time + (isDate ? .seconds(24 * 60 * 60) : .microseconds(1))
    }

    /// A list: `tags=a&tags=b`, `tags[]=a` or `tags[0]=a`, each value once.
    mutating func texts(_ name: String, maximum: Int, count: Int) -> [String] {
        let values = take { Self.isPart($0, of: name) }.filter { !$0.isEmpty }.uniqued()
        if values.contains(where: { $0.utf8.contains(0) }) {
            fail(name, "invalid_character", Faults.invalidCharacter)
        } else if values.contains(where: { $0.unicodeScalars.count > maximum }) {
            fail(name, "too_long", Faults.tooLong, ["limit": String(maximum)])
        } else if values.count > count {
            fail(name, "too_many", Faults.tooMany, ["limit": String(count)])
        } else {
            return values
        }
        return []
    }

    private static func isPart(_ part: String, of name: String) -> Bool {
        guard part.hasPrefix(name) else { return false }
        let rest = part.dropFirst(name.count)
        return rest.isEmpty
            || rest.hasPrefix("[") && rest.hasSuffix("]")
                && rest.dropFirst().dropLast().allSatisfy {
                    $0.isASCII && $0.isNumber
                }
    }

    /// `YYYY-MM-DD`, a day that exists.
    mutating func date(_ name: String) -> String? {
        guard let text = text(name, maximum: 64) else { return nil }
        guard text.utf8.count == 10, let time = Timestamp(rfc3339: text) else {
            fail(name, "invalid_format", Faults.date)
            return nil
        }
        return String(time.text.prefix(10))
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(_ name: String, _: Word.Type) -> Word?
    where Word.RawValue == String {
        guard let text = text(name) else { return nil }
        guard let word = Word(rawValue: text) else {
            fail(
                name, "not_allowed", Faults.notOneOf, ["values": Word.allCases.map(\.rawValue).joined(separator: ", ")])
            return nil
        }
        return word
    }

    /// Ends the reading: parameters that nobody asked for are faults, or warnings for a lenient caller.
    mutating func refuseUnknown(lenient: Bool) {
        guard isKnown.contains(false) else { return }
        for name in zip(items, isKnown).filter({ !$1 }).map(\.0.name).uniqued() {
            if lenient {
                warnings.append("?\(name)")
            } else {
                fail(name, "unknown_parameter", Faults.unknownParameter)
            }
        }
    }

    /// For requests without a body: ends the reading and throws everything that is wrong. Those with one hand the
    /// reader to it, so that the faults of both are told together.
    mutating func finish(lenient: Bool) throws {
        refuseUnknown(lenient: lenient)
        guard faults.isEmpty else { throw Problem.validation(faults) }
    }
}
