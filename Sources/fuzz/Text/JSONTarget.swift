@testable import JSON

extension FuzzTarget {
    /// JSON: what is read can be written and read again; what is refused is refused at a place that is there.
    static let json = FuzzTarget(
        name: "json",
        seeds: [
            #"{"a":[1,-2.5e+3,true,false,null,"x\u00e9\n\ud83d\ude00"],"b":{"a":{}},"":[]}"#, " [ ] ", "0", "-0.0",
            #"{"a":1,"a":2}"#, "[1,]", "[1 2]", #""\ud800""#, #""\x""#, "01", "1e400", "\"\t\"", "{\n\"k~/\":tru}", "",
            "[[[[[[[[[[0]]]]]]]]]]", #"{"id":9223372036854775808,"v":0.1000}"#,
        ],
        words: [
            "{\"", "\":", "\",\"", "[]", "{}", "true", "false", "null", "\\u0000", "\\ud83d\\ude00", "\\udc00", "1e999",
            "-0", "9223372036854775807", "-9223372036854775808", "\u{FEFF}", "é", "e\u{301}", "\\\"", "\\/", "~1",
        ]
    ) { input in
        let depth = input.one(of: [0, 1, 3, 64, 256, 10_000])
        let whole = read(input.material, depth)
        // The other ways in see the same octets elsewhere in memory.
        let framed = [0x5B] + input.material + [0x5D]
        claim(read(framed[1..<framed.count - 1], depth) == whole, "a slice is read otherwise")
        switch whole {
        case .success(let value): judge(value, depth)
        case .failure(let faults): judge(faults, input.material)
        }
        if let number = JSONNumber(input.text) { judge(number) }
        let string = JSONValue.string(input.text)
        claim(read(string.serialized(), 0) == .success(string), "a string comes back otherwise")
    }

    private static func read(_ text: [UInt8], _ depth: Int) -> Result<JSONValue, JSONFaults> {
        do throws(JSONFaults) {
            return .success(try JSONParser.parse(text, maximumDepth: depth))
        } catch {
            return .failure(error)
        }
    }

    private static func read(_ text: ArraySlice<UInt8>, _ depth: Int) -> Result<JSONValue, JSONFaults> {
        do throws(JSONFaults) {
            return .success(try JSONParser.parse(text, maximumDepth: depth))
        } catch {
            return .failure(error)
        }
    }

    private static func judge(_ value: JSONValue, _ depth: Int) {
        let text = value.serialized()
        guard case .success(let again) = read(text, depth) else { return claim(false, "what was written is no JSON") }
        claim(again == value && again.hashValue == value.hashValue, "the value comes back otherwise")
        claim(again.serialized() == text, "the text comes back otherwise")
        claim(read(value.prettyPrinted(), depth) == .success(value), "the text for people is another value")
        judgeNumbers(value)
    }

    private static func judgeNumbers(_ value: JSONValue) {
        switch value {
        case .number(let number): judge(number)
        case .array(let elements): for element in elements { judgeNumbers(element) }
        case .object(let object): for member in object.members { judgeNumbers(member.value) }
        default: break
        }
    }

    private static func judge(_ number: JSONNumber) {
        claim(JSONNumber(number.text) == number, "\(number.text) is no number")
        if let value = number.int64 {
            claim(number.minorUnits(scale: 0) == value, "\(number.text) is \(value) and something else")
            claim(abs((number.double ?? 0) - Double(value)) <= 1024, "\(number.text) is \(value) and not \(number)")
        }
        for scale in [0, 2, 3] {
            guard let units = number.minorUnits(scale: scale) else { continue }
            let again = JSONNumber(minorUnits: units, scale: scale)
            claim(again.minorUnits(scale: scale) == units, "\(number.text) becomes \(again.text)")
        }
    }

    private static func judge(_ faults: JSONFaults, _ text: [UInt8]) {
        let faults = faults.faults
        claim((1...JSONFaults.maximumCount).contains(faults.count), "\(faults.count) faults")
        claim(zip(faults, faults.dropFirst()).allSatisfy { $0.offset <= $1.offset }, "faults out of order")
        for fault in faults {
            claim((0...text.count).contains(fault.offset), "a fault at \(fault.offset) of \(text.count)")
            let before = text[..<fault.offset]
            claim(fault.line == 1 + before.count { $0 == 0x0A }, "a fault in line \(fault.line)")
            let column = before.count - (before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0) + 1
            claim(fault.column == column, "a fault in column \(fault.column), not \(column)")
            claim(fault.pointer.isEmpty || fault.pointer.utf8.first == 0x2F, "a pointer to \(fault.pointer)")
        }
    }
}
