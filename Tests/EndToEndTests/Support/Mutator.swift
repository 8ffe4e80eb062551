import JSON
import TestRandom
import TestSupport

/// Spoils requests, the same way for the same seed.
struct Mutator {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    private mutating func below(_ bound: Int) -> Int { random.below(bound) }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { random.one(of: elements) }

    private static let nastyTexts = [
        "", " ", "\0", "a\0b", "\u{feff}", "\u{202e}abc", "😀", "e\u{301}", "%", "_", "\\", "'", "\"", "--", "';--",
        "{{1}}", "{{", "\n", "\t", "     ", "2024-02-30", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z",
        "0000-00-00", "+", "+5511", "00", "@", "a@", "a@b", "İ@İ.İ", "١٢٣٤٥٦٧٨٩٠", "NaN", "1e5", "\u{10ffff}",
        "\u{fffe}",
        String(repeating: "a", count: 5000), String(repeating: "ß", count: 255), "text", "BRL", "brl",
    ]

    private static let nastyNumbers = [
        "0", "-0", "-1", "1", "2", "1.5", "1e2", "1E-7", "1e400", "-1e400", "9007199254740991", "9007199254740992",
        "9223372036854775807", "9223372036854775808", "-9223372036854775809", "0.005", "92233720368547758.07",
        "100000000000000000000000000000000000000",
    ]

    private mutating func value(depth: Int = 0) -> JSONValue {
        switch below(depth > 3 ? 4 : 6) {
        case 0: return .null
        case 1: return .bool(below(2) == 0)
        case 2: return JSONNumber(pick(Self.nastyNumbers)).map { .number($0) } ?? .null
        case 3: return .string(pick(Self.nastyTexts))
        case 4: return .array((0..<below(4)).map { _ in value(depth: depth + 1) })
        default:
            return .object(
                JSONObject((0..<below(4)).map { ("\($0)" + pick(Self.nastyTexts).prefix(40), value(depth: depth + 1)) })
            )
        }
    }

    mutating func body(_ seed: JSONValue) -> [UInt8] {
        var members = seed.object?.members.map { ($0.key, $0.value) } ?? []
        for _ in 0..<below(4) where !members.isEmpty {
            let index = below(members.count)
            switch below(5) {
            case 0: members.remove(at: index)
            case 1: members.append(("extra" + pick(Self.nastyTexts).prefix(20), value()))
            case 2: members[index].1 = deeper(members[index].1)
            default: members[index].1 = value()
            }
        }
        var seen: Set<String> = []
        var bytes = JSONValue.object(JSONObject(members.filter { seen.insert($0.0).inserted })).serialized()
        // Every other body is also damaged as bytes.
        for _ in 0..<(below(2) == 0 ? 0 : 1 + below(3)) where !bytes.isEmpty {
            let at = below(bytes.count)
            switch below(5) {
            case 0: bytes[at] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes.remove(at: at)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + 1 + below(10)))
            case 3: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 1 + below(20))], at: at)
            default:
                let pieces = [#"\u0000"#, #"\ud800"#, "[", "]", "{", "}", "\"", ",", ":", "\\", "1e999", "null"]
                bytes.insert(contentsOf: Array(pick(pieces).utf8), at: at)
            }
        }
        return bytes
    }

    private mutating func deeper(_ old: JSONValue) -> JSONValue {
        switch old {
        case .array(var items) where !items.isEmpty:
            items[below(items.count)] = value()
            return .array(items)
        case .object(var object) where !object.isEmpty:
            let index = below(object.count)
            object.members[index].value = value()
            return .object(object)
        default: return value()
        }
    }

    mutating func query(_ names: [String]) -> String {
        (0..<(1 + below(4))).map { _ in
            let name = below(8) == 0 ? spoiled(pick(names)) : pick(names)
            let values = Self.nastyTexts + Self.nastyNumbers + ["APPROVED", "MS4x", "MS45MDA", "pt_BR"]
            let value = below(6) == 0 ? spoiled(pick(values)) : Self.encoded(pick(values))
            return below(10) == 0 ? name : "\(name)=\(value)"
        }.joined(separator: below(12) == 0 ? "&&" : "&")
    }

    mutating func pathSegment() -> String {
        below(3) == 0 ? pick(["0", "2", "99", "-1", "9223372036854775808", "a", "%00", "%ff", "%2e", "1e1"]) : "1"
    }

    /// Text with escapes that may be broken.
    private mutating func spoiled(_ text: String) -> String {
        Self.encoded(text) + pick(["%", "%0", "%zz", "%00", "%ff", "%ED%A0%80", "+", "[]", "[0]", "=", ";", "%20"])
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
