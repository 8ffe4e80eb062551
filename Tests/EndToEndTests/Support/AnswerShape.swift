import JSON

/// What a client relies on in an answer: the members that it reads, of which type, and some of their values.
///
/// Written as the answer is, with a word in place of each value: `int`, `number`, `text`, `bool`, `instant` (UTC with
/// `Z`), `date`, `time`, `phone` (E.164 with `+`), `colour`, `object`, `list`, each with a `?` where null is told too; `=word` is
/// that very text. An array of one shape holds any number of such elements, and at least one.
struct AnswerShape: Sendable {
    private let shape: JSONValue

    init(_ shape: JSONValue) { self.shape = shape }

    /// Where the answer is not as it should be.
    func faults(in answer: JSONValue) -> [String] { Self.faults(answer, shape, at: "") }

    private static func faults(_ value: JSONValue?, _ shape: JSONValue, at place: String) -> [String] {
        guard let value else { return ["\(place) is missing"] }
        switch shape {
        case .object(let members):
            guard value.object != nil else { return ["\(place) is no object"] }
            return members.members.flatMap { faults(value[$0.key], $0.value, at: "\(place)/\($0.key)") }
        case .array(let elements):
            guard let found = value.array, !found.isEmpty else { return ["\(place) is no list, or an empty one"] }
            return found.enumerated().flatMap { index, element in
                faults(element, elements.first ?? .null, at: "\(place)/\(index)")
            }
        case .string(let word):
            return isValue(value, word) ? [] : ["\(place) is no \(word): \(value)"]
        default:
            return value == shape ? [] : ["\(place) is \(value)"]
        }
    }

    private static func isValue(_ value: JSONValue, _ word: String) -> Bool {
        if word.hasPrefix("=") { return value.string == String(word.dropFirst()) }
        if word.hasSuffix("?") { return value == .null || isValue(value, String(word.dropLast())) }
        switch word {
        case "int": return value.int64 != nil
        case "number": return value.number != nil
        case "text": return value.string != nil
        case "bool": return value.bool != nil
        case "object": return value.object != nil
        case "list": return value.array != nil
        case "instant": return matches(value, /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/)
        case "date": return matches(value, /\d{4}-\d\d-\d\d/)
        case "time": return matches(value, /\d\d:\d\d/)
        case "phone": return matches(value, /\+[1-9]\d{6,14}/)
        case "colour": return matches(value, /#[0-9a-fA-F]{6}/)
        default: return false
        }
    }

    private static func matches<Output>(_ value: JSONValue, _ pattern: Regex<Output>) -> Bool {
        value.string.flatMap { try? pattern.wholeMatch(in: $0) } != nil
    }
}
