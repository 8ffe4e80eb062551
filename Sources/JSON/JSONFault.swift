/// One thing wrong with a JSON text, and where.
package struct JSONFault: Error, Sendable, Equatable {
    /// The raw values are part of the API's wire format.
    package enum Code: String, Sendable, CaseIterable {
        case empty
        case unexpected_byte
        case unexpected_end
        case trailing_data
        case duplicate_key
        case lone_surrogate
        case invalid_utf8
        case invalid_escape
        case control_character
        case too_deep
        case invalid_number
    }

    package let code: Code
    /// Bytes before the fault.
    package let offset: Int
    /// From 1; lines end with LF.
    package let line: Int
    /// From 1, in bytes.
    package let column: Int
    /// RFC 6901 pointer to the value that was being read, empty at the root.
    package let pointer: String

    package init(code: Code, offset: Int, line: Int, column: Int, pointer: String) {
        self.code = code
        self.offset = offset
        self.line = line
        self.column = column
        self.pointer = pointer
    }
}

extension JSONFault: CustomStringConvertible {
    // Without the pointer: keys are the sender's text.
    package var description: String { "\(code.rawValue) at line \(line), column \(column)" }
}

/// Every fault of a text in order of offset, at most ``maximumCount``.
package struct JSONFaults: Error, Sendable, Equatable {
    /// Past this a list helps nobody; reading stops.
    package static let maximumCount = 100

    package let faults: [JSONFault]

    package init(faults: [JSONFault]) {
        self.faults = faults
    }
}

extension JSONFaults: CustomStringConvertible {
    package var description: String { faults.map(\.description).joined(separator: "; ") }
}
