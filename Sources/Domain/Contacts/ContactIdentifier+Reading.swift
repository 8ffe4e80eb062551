extension ContactIdentifier {
    /// Why a text is no identifier of its kind.
    package enum Fault: Error, Sendable, Hashable {
        case phone
        case email
        /// Not the digits that providers write.
        case digits
        /// A `bsuid` means nothing without the business portfolio that gave it.
        case scopeMissing
        /// Only a `bsuid` has a scope.
        case scopeUnexpected
    }

    /// An identifier as a caller writes it, brought to the form in which equal ones are equal.
    ///
    /// - Parameter defaultCountry: ISO 3166-1 alpha-2, for a phone without a calling code.
    package static func read(
        _ kind: Kind, _ text: String, scope: String?, defaultCountry: String
    ) throws(Fault) -> ContactIdentifier {
        guard (kind == .bsuid) == (scope != nil) else {
            throw kind == .bsuid ? .scopeMissing : .scopeUnexpected
        }
        switch kind {
        case .phone:
            guard let phone = PhoneNumber(text, defaultCountry: defaultCountry) else { throw .phone }
            return ContactIdentifier(kind: .phone, value: phone.e164, matchKey: phone.matchKey)
        case .waID:
            let digits = text.hasPrefix("+") ? String(text.dropFirst()) : text
            guard digits.isDigits, let phone = PhoneNumber(waID: digits) else { throw .digits }
            return ContactIdentifier(kind: .waID, value: digits, matchKey: phone.matchKey)
        case .lid:
            let digits = text.hasSuffix("@lid") ? String(text.dropLast(4)) : text
            guard digits.isDigits else { throw .digits }
            // As WAHA writes it.
            return ContactIdentifier(kind: .lid, value: "\(digits)@lid", matchKey: "\(digits)@lid")
        case .email:
            guard let email = EmailAddress(text) else { throw .email }
            return ContactIdentifier(kind: .email, value: email.text, matchKey: email.matchKey)
        case .bsuid, .externalID:
            return ContactIdentifier(kind: kind, scope: scope ?? "", value: text, matchKey: text)
        }
    }

    /// Whether both name the same person: a phone and the address that WhatsApp made of it do.
    package func isSame(as other: ContactIdentifier) -> Bool {
        let phones: Set<Kind> = [.phone, .waID]
        return (kind == other.kind || (phones.contains(kind) && phones.contains(other.kind))) && scope == other.scope
            && matchKey == other.matchKey
    }
}

extension String {
    fileprivate var isDigits: Bool { !isEmpty && utf8.allSatisfy { (0x30...0x39).contains($0) } }
}
