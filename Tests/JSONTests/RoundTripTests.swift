import JSON
import TestRandom
import Testing

struct TreeMaker {
    var random: SeededGenerator
    static let alphabet: [Unicode.Scalar] = [
        "a", "b", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "é", "€", "😀", "\u{10FFFF}", "\u{301}", " ", "~",
        "\u{FFFD}",
    ]

    mutating func string() -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...24, using: &random) {
            scalars.append(Self.alphabet[Int.random(in: 0..<Self.alphabet.count, using: &random)])
        }
        return String(scalars)
    }

    mutating func value(depth: Int) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .number(JSONNumber(.random(in: .min ... .max, using: &random)))
        case 3: return JSONNumber("\(Double.random(in: -1e9...1e9, using: &random))").map { .number($0) } ?? .null
        case 4: return .string(string())
        case 5: return .array((0..<Int.random(in: 0...5, using: &random)).map { _ in value(depth: depth - 1) })
        default:
            var members: [(String, JSONValue)] = []
            for index in 0..<Int.random(in: 0...12, using: &random) {
                members.append((string() + String(index), value(depth: depth - 1)))
            }
            return .object(JSONObject(members))
        }
    }
}

@Suite("Round trips") struct RoundTripTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `any tree reads back as it was written, plain and pretty`(_ seed: UInt64) throws {
        var maker = TreeMaker(random: SeededGenerator(seed: seed))
        for _ in 0..<20 {
            let value = maker.value(depth: 5)
            let plain = value.serialized()
            #expect(try JSONParser.parse(plain) == value)
            #expect(try JSONParser.parse(plain).serialized() == plain)
            #expect(try JSONParser.parse(value.prettyPrinted()) == value)
        }
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `a damaged text is read or refused, with every fault inside it`(_ seed: UInt64) {
        var maker = TreeMaker(random: SeededGenerator(seed: seed))
        for _ in 0..<100 {
            var bytes = maker.value(depth: 3).serialized()
            for _ in 0..<Int.random(in: 1...4, using: &maker.random) {
                let index = Int.random(in: 0..<bytes.count, using: &maker.random)
                switch Int.random(in: 0...2, using: &maker.random) {
                case 0: bytes[index] = .random(in: 0...255, using: &maker.random)
                case 1: bytes.insert(.random(in: 0...255, using: &maker.random), at: index)
                default: bytes.removeSubrange((index + 1)...)
                }
            }
            do {
                let value = try JSONParser.parse(bytes)
                #expect(try JSONParser.parse(value.serialized()) == value)
            } catch {
                let offsets = error.faults.map(\.offset)
                #expect(!offsets.isEmpty)
                #expect(offsets == offsets.sorted())
                #expect(offsets.allSatisfy { (0...bytes.count).contains($0) })
            }
        }
    }

    @Test func `every byte of a cut text is accounted for`() {
        let whole = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00é"],"b":{"c":null,"d":true}}"#.utf8)
        #expect(faults(whole).isEmpty)
        for end in 0..<whole.count {
            #expect(faults(Array(whole[..<end])).last.map { $0.offset <= end } == true)
        }
    }
}
