import Domain
import JSON
import Postgres
import Testing

@testable import Storage

/// PostgreSQL's text of fields as the API tells it, held against the values that it stands for.
@Suite struct RowFieldTests {
    /// Told within the room that is reckoned for it, a comma before it.
    private func told(_ field: String, _ write: (inout JSONPen, UnsafeBufferPointer<UInt8>) -> Void) -> String {
        let room = JSONPen.roomForField(of: field.utf8.count)
        var json = JSONWriter()
        Array(field.utf8).withUnsafeBufferPointer { field in json.write(atMost: room) { write(&$0, field) } }
        let text = json.finish()
        #expect(text.count < room, "\(field)")
        return String(decoding: text, as: UTF8.self)
    }

    @Test(arguments: [
        ("2026-11-20 14:55:49+00", "2026-11-20T14:55:49.000Z"),
        ("2026-11-20 14:55:49.1+00", "2026-11-20T14:55:49.100Z"),
        ("2026-11-20 14:55:49.12+00", "2026-11-20T14:55:49.120Z"),
        ("2026-11-20 14:55:49.123+00", "2026-11-20T14:55:49.123Z"),
        ("2026-11-20 14:55:49.999999+00", "2026-11-20T14:55:49.999Z"),
        ("0001-01-01 00:00:00+00", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31 23:59:59.9999+00", "9999-12-31T23:59:59.999Z"),
        // Another zone than ours, were a server to use one.
        ("2026-11-20 11:55:49.5-03", "2026-11-20T14:55:49.500Z"),
        ("2026-11-20 20:25:49+05:30", "2026-11-20T14:55:49.000Z"),
        ("0044-03-15 12:00:00+00 BC", "0001-01-01T00:00:00.000Z"),
        ("10000-01-01 00:00:00+00", "9999-12-31T23:59:59.999Z"),
        ("infinity", "9999-12-31T23:59:59.999Z"), ("-infinity", "0001-01-01T00:00:00.000Z"),
    ])
    func `an instant is told in UTC, cut to milliseconds`(field: String, text: String) {
        #expect(told(field) { $0.instant($1) } == "\"\(text)\"")
    }

    @Test func `an amount is told as the writer of numbers tells it`() {
        var generator = SystemRandomNumberGenerator()
        let edges: [Int64] = [0, 1, -1, 9, 10, 99, 100, -100, 101, 1000, 120, -50, .max, .min]
        let drawn = (0..<2000).map { _ in
            Int64.random(in: .min ... .max, using: &generator) >> Int64.random(in: 0...60)
        }
        for amount in edges + drawn {
            for currency in ["BRL", "JPY", "KWD"] {
                var json = JSONWriter()
                json.decimal(minorUnits: amount, scale: Currency.decimals(of: currency))
                let field = told("\(amount)") { pen, field in
                    Array(currency.utf8).withUnsafeBufferPointer { pen.money(field, currency: $0) }
                }
                #expect(field == String(decoding: json.finish(), as: UTF8.self))
            }
        }
    }

    @Test(arguments: [
        ("{}", "[]"), ("{vip}", #"["vip"]"#), ("{a,b}", #"["a","b"]"#), (#"{"two words",b}"#, #"["two words","b"]"#),
        (#"{a,"x,y","{z}"}"#, #"["a","x,y","{z}"]"#), (#"{"NULL",""}"#, #"["NULL",""]"#),
        (#"{"say \"oi\"","back\\slash"}"#, #"["say \"oi\"","back\\slash"]"#),
        ("{ação,\u{1F600}}", "[\"ação\",\"\u{1F600}\"]"),
        ("{\"line\nbreak\"}", #"["line\nbreak"]"#),
        ("{\u{1},\u{1},\u{1F}}", #"["\u0001","\u0001","\u001f"]"#),
    ])
    func `an array of texts is told element by element`(field: String, text: String) {
        #expect(told(field) { $0.texts($1) } == text)
    }
}
