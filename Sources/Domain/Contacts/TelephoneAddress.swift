/// `tel:` and a number with its parameters (RFC 3966, section 3).
struct TelephoneAddress {
    let number: Substring
    /// The digits that a local number goes behind, when they begin with `+`; a domain says nothing of them.
    private(set) var context: Substring = ""
    /// It names an extension or a subaddress of the number.
    private(set) var hasExtension = false

    /// Nil for what is no such address.
    init?(_ text: String) {
        // Most texts are none, and told apart at their first letter.
        guard let first = text.utf8.first(where: { $0 != UInt8(ascii: " ") }), first | 0x20 == UInt8(ascii: "t"),
            case let address = text.drop(while: \.isWhitespace), address.prefix(4).lowercased() == "tel:"
        else { return nil }
        let parts = address.dropFirst(4).split(separator: ";", omittingEmptySubsequences: false)
        number = parts[0]
        for parameter in parts.dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            switch pair[0].lowercased() {
            case "ext", "isub": hasExtension = true
            case "phone-context" where pair.count == 2 && pair[1].first == "+" && number.first != "+": context = pair[1]
            default: continue
            }
        }
    }
}
