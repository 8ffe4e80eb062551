/// One line of an import's body, as it is kept until it is worked.
package struct ImportLine: Sendable, Hashable {
    /// Why a line cannot be read, whatever it was meant to say.
    package enum Fault: String, Error, Sendable, CaseIterable {
        case tooLong = "line_too_long"
        case invalidUTF8 = "invalid_utf8"
        /// In a cell that does not begin with one, or behind the one that ends it.
        case strayQuote = "unexpected_quote"
        case unclosedQuote = "unclosed_quote"
        /// It told of a person who was erased before it was worked.
        case erased
    }

    /// From 1, as an editor counts; that of a CSV record is where it begins.
    package let number: Int
    /// One JSON text without a line break: what NDJSON had there, or the record's cells as an array. Empty if at fault.
    package let text: [UInt8]
    package let fault: Fault?

    package init(number: Int, text: [UInt8], fault: Fault? = nil) {
        self.number = number
        self.text = fault == nil ? text : []
        self.fault = fault
    }
}
