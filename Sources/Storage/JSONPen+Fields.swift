import Domain
import JSON
import Postgres

/// PostgreSQL's text of a field, as the API tells it, in at most `roomForField(of:)` bytes.
extension JSONPen {
    /// Each byte may need an escape. What a form adds to its text (two quotes for each element of an array, a padded
    /// fraction of an amount, the longest instant for `infinity`) is less than that and 32.
    static func roomForField(of count: Int) -> Int { room(forString: count) + 32 }

    /// An array of texts. One of another kind, which no column that is told holds, shows as empty.
    mutating func texts(_ field: UnsafeBufferPointer<UInt8>) {
        beginArray()
        if field.contains(UInt8(ascii: "\\")) {
            for var element in PostgresFields.texts(field) ?? [] { element.withUTF8 { string(utf8: $0) } }
        } else {
            plainTexts(field)
        }
        endArray()
    }

    /// `{word,"more words"}`, without escapes: what stands between commas or quotes is the text.
    private mutating func plainTexts(_ field: UnsafeBufferPointer<UInt8>) {
        var index = 1
        let end = field.count - 1
        while index < end {
            let isQuoted = field[index] == UInt8(ascii: "\"")
            let start = isQuoted ? index + 1 : index
            let mark = UInt8(ascii: isQuoted ? "\"" : ",")
            var stop = start
            while stop < end, field[stop] != mark { stop += 1 }
            string(utf8: UnsafeBufferPointer(rebasing: field[start..<stop]))
            index = stop + (isQuoted ? 2 : 1)
        }
    }

    /// `2026-11-20 14:55:49.123456+00` as `2026-11-20T14:55:49.123Z`: cut to milliseconds, not rounded.
    mutating func instant(_ field: UnsafeBufferPointer<UInt8>) {
        guard let text = field.baseAddress, Self.isPlainInstant(field) else { return strangeInstant(field) }
        raw { out in
            out[0] = UInt8(ascii: "\"")
            (out + 1).update(from: text, count: 19)
            out[11] = UInt8(ascii: "T")
            out[20] = UInt8(ascii: ".")
            // Between the point and the offset stand one to six digits, or there is no point.
            let digits = max(0, field.count - Self.wholeSecondsCount - 1)
            for place in 0..<3 { out[21 + place] = place < digits ? text[20 + place] : UInt8(ascii: "0") }
            out[24] = UInt8(ascii: "Z")
            out[25] = UInt8(ascii: "\"")
            return 26
        }
    }

    /// `2026-11-20 14:55:49+00`
    private static let wholeSecondsCount = 22

    /// A year of four digits, in UTC.
    private static func isPlainInstant(_ field: UnsafeBufferPointer<UInt8>) -> Bool {
        let count = field.count
        return count >= wholeSecondsCount && count <= wholeSecondsCount + 7 && field[4] == UInt8(ascii: "-")
            && field[10] == UInt8(ascii: " ") && field[count - 3] == UInt8(ascii: "+")
            && field[count - 2] == UInt8(ascii: "0") && field[count - 1] == UInt8(ascii: "0")
            && (count == wholeSecondsCount || field[19] == UInt8(ascii: "."))
    }

    /// Before the year 1, after 9999, or without end: such instants show as the nearest that can be written.
    private mutating func strangeInstant(_ field: UnsafeBufferPointer<UInt8>) {
        var text = Timestamp(microseconds: PostgresFields.microseconds(field) ?? .max).text
        text.withUTF8 { string(utf8: $0) }
    }

    /// An integer of minor units, as a number of units without needless zeros: `1234` is `12.34`, `500000` is `5000`.
    mutating func money(_ field: UnsafeBufferPointer<UInt8>, currency: UnsafeBufferPointer<UInt8>?) {
        let scale = Currency.decimals(of: currency ?? UnsafeBufferPointer(start: nil, count: 0))
        let isNegative = field.first == UInt8(ascii: "-")
        let digits = field.dropFirst(isNegative ? 1 : 0)
        let whole = digits.dropLast(scale)
        var fraction = digits.suffix(scale)
        let padding = scale - fraction.count
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        raw { out in
            var end = out
            func put(_ byte: UInt8) {
                end.pointee = byte
                end += 1
            }
            if isNegative { put(UInt8(ascii: "-")) }
            if whole.isEmpty { put(UInt8(ascii: "0")) }
            for digit in whole { put(digit) }
            if !fraction.isEmpty {
                put(UInt8(ascii: "."))
                for _ in 0..<padding { put(UInt8(ascii: "0")) }
                for digit in fraction { put(digit) }
            }
            return end - out
        }
    }
}
