/// A number as it was written, so that no digit is lost before somebody asks for a type.
///
/// Equality is that of the text: 5 and 5.0 differ.
package struct JSONNumber: Sendable, Hashable {
    /// No amount, id or coordinate comes near it, and it bounds the work of reading one.
    package static let maximumDigits = 1000

    package let text: String

    package init(_ value: Int64) {
        text = String(value)
    }

    /// `nil` unless the text is a number by RFC 8259 §6 of at most ``maximumDigits`` characters.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumDigits, bytes.withUnsafeBufferPointer(NumberGrammar.accepts) else {
            return nil
        }
        self.text = text
    }

    /// The amount of `minorUnits` × 10^-`scale`, in the shortest form.
    package init(minorUnits: Int64, scale: Int) {
        var writer = JSONWriter(capacity: 32)
        writer.decimal(minorUnits: minorUnits, scale: scale)
        text = String(decoding: writer.bytes, as: UTF8.self)
    }

    init(checked text: String) {
        self.text = text
    }

    /// The exact integer: 5, 5.0 and 5e2 have one, 5.5 and 2^63 have none.
    package var int64: Int64? {
        Int64(text) ?? minorUnits(scale: 0)
    }

    /// The nearest double; `nil` past the largest one.
    package var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The value × 10^`scale` as an exact integer; `nil` if it has more significant decimals or does not fit.
    package func minorUnits(scale: Int) -> Int64? {
        ExactDecimal(text).integer(scale: scale)
    }
}
