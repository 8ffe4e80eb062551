/// An address that mail can be sent to, as far as its shape says: something, one `@`, something, no blanks.
package struct EmailAddress: Sendable, Hashable {
    /// As it was given, without blanks around it.
    package let text: String
    /// Upper and lower case are one address.
    package let matchKey: String

    package init?(_ text: String) {
        let trimmed = text.trimmingPrefix(while: \.isWhitespace).reversed().trimmingPrefix(while: \.isWhitespace)
        let address = String(trimmed.reversed())
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && !$0.contains(where: \.isWhitespace) }) else {
            return nil
        }
        self.text = address
        matchKey = address.lowercased()
    }
}
