extension ContactIdentifier {
    /// What is hashed to recognise the identifier of an erased person. A phone and WhatsApp's address of it are one.
    package func erasureName(in account: Account.ID) -> [UInt8] {
        let kind = kind == .waID ? ContactIdentifier.Kind.phone : kind
        // No text that is kept has a NUL in it, so that no two names run into each other.
        return Array("\(account.rawValue)\0\(kind.rawValue)\0\(scope)\0\(matchKey)".utf8)
    }
}
