/// Why a text is no phone number. The raw value is stable.
package enum PhoneFault: String, Error, Sendable, CaseIterable {
    /// Without a digit.
    case empty
    /// A letter, a second `+`, or a sign that no number is written with.
    case unexpectedCharacter = "unexpected_character"
    /// E.164 cannot carry an extension; without it the number is the switchboard's, which many people share.
    case hasExtension = "extension"
    case tooShort = "too_short"
    case tooLong = "too_long"
    /// No country's number begins so.
    case unknownCallingCode = "unknown_calling_code"
    /// Of a length that its country has, with first digits that it has not given out.
    case notOfCountry = "not_of_country"
}
