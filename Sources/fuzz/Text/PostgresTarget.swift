@testable import Postgres

extension FuzzTarget {
    /// PostgreSQL's text of values: what is written comes back, and what comes is read or refused.
    static let postgres = FuzzTarget(
        name: "postgres",
        seeds: [
            "2026-11-20 14:55:49.123456+00", "4714-11-24 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "infinity",
            "2026-11-20 14:55:49-03:30:15", "2024-02-29", "{1,2,NULL,\"a \\\"b\\\"\"}", "{}", "{\"\"}", "{{1}}",
            "-9223372036854775808", "\\x00ff", "t", "1e308", "NaN",
        ],
        words: [
            "infinity", "-infinity", " BC", "+00", "-15:59:59", "NULL", "{\"", "\\\\", "\",", "\\x", "999999999-12-31 ",
        ]
    ) { input in
        let octets = input.material
        for number in [input.integer(), input.integer() >> input.number(0...63), .max] {
            let value = max(number, earliest)
            claim(timestamp(written { TimestampText.append(value, to: &$0) }) == value, "\(value) comes back otherwise")
        }
        if let value = timestamp(octets), value >= earliest {
            claim(timestamp(written { TimestampText.append(value, to: &$0) }) == value, "\(value) is read otherwise")
        }
        claim(timestamp(written { TimestampText.append(.min, to: &$0) }) == .min, "an infinity comes back otherwise")
        octets.withUnsafeBufferPointer { octets in
            if let value = FieldText.int(octets) { claim(Int64(FieldText.text(octets) ?? "") == value, "\(value)") }
            if let value = FieldText.bytes(octets) {
                claim(value.count == octets.count / 2 - 1, "\(value.count) octets")
            }
            _ = (FieldText.bool(octets), FieldText.double(octets))
            if let elements = ArrayText.parse(octets) { judge(elements) }
        }
        let elements = octets.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map { Array($0) }
        judge(elements.map { $0 == [UInt8(ascii: "0")] ? nil : $0 })
        judge(parameters: input)
    }

    /// 4714-11-24 BC, PostgreSQL's first day (manual, table 8.9).
    private static let earliest: Int64 = -210_866_803_200_000_000

    private static func judge(_ elements: [[UInt8]?]) {
        let text = written {
            ArrayText.append(elements, quoted: true, to: &$0) { ArrayText.appendEscaped($0, to: &$1) }
        }
        claim(text.withUnsafeBufferPointer(ArrayText.parse) == elements, "an array comes back otherwise")
    }

    /// Each parameter lies where libpq is told that it does, and ends in a zero.
    private static func judge(parameters input: FuzzInput) {
        let values: [PostgresValue] = [
            .text(input.text), .null, .bytes(input.material), .textArray([input.text, nil]),
            .bytesArray([input.material]),
        ]
        var parameters = Parameters()
        parameters.encode(values)
        claim(parameters.offsets.count == values.count && parameters.offsets[1] == nil, "\(parameters.offsets)")
        for (offset, length) in zip(parameters.offsets, parameters.lengths) {
            guard let offset else { continue }
            claim(parameters.bytes[offset + Int(length)] == 0, "a parameter runs on")
        }
        do throws(PostgresError) {
            try Parameters.check(values)
            claim(!input.text.utf8.contains(0), "a zero passes")
        } catch {
            claim(input.text.utf8.contains(0), "a sound parameter is refused")
        }
    }

    private static func timestamp(_ text: [UInt8]) -> Int64? { text.withUnsafeBufferPointer(TimestampText.parse) }

    private static func written(_ write: (inout [UInt8]) -> Void) -> [UInt8] {
        var text: [UInt8] = []
        write(&text)
        return text
    }
}
