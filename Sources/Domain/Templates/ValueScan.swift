/// What one pass over a value finds of that which Meta refuses in a template parameter (error 132018).
struct ValueScan {
    private(set) var length = 0
    private(set) var isBlank = true
    private(set) var hasNewline = false
    private(set) var hasTab = false
    /// Five or more spaces in a row; four pass.
    private(set) var hasLongSpaces = false
    /// A control character that is neither newline nor tab.
    private(set) var hasControl = false

    init(_ value: String) {
        var spaces = 0
        for scalar in value.unicodeScalars {
            length += 1
            if scalar == " " {
                spaces += 1
                if spaces > 4 { hasLongSpaces = true }
                continue
            }
            spaces = 0
            switch scalar.value {
            case 0x21...0x7E: isBlank = false
            case 0x09: hasTab = true
            case 0x0A...0x0D, 0x85, 0x2028, 0x2029: hasNewline = true
            case 0...0x1F, 0x7F...0x9F: hasControl = true
            default:
                // What the phone shows nothing for is blank too: a value of zero-width marks is no value.
                if isBlank, !scalar.properties.isWhitespace, !scalar.properties.isDefaultIgnorableCodePoint {
                    isBlank = false
                }
            }
        }
    }

    /// Every fault of the value by itself, in the order of the codes.
    func faults(maxLength: Int) -> [BindingFault.Code] {
        var codes: [BindingFault.Code] = []
        if isBlank && !hasControl { codes.append(.empty) }
        if length > maxLength { codes.append(.tooLong) }
        if hasControl { codes.append(.wrongType) }
        if hasNewline { codes.append(.newline) }
        if hasTab { codes.append(.tab) }
        if hasLongSpaces { codes.append(.spaces) }
        return codes
    }
}
