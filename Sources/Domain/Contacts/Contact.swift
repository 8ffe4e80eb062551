/// A person, known by any number of identifiers.
package struct Contact: Sendable, Hashable {
    package typealias ID = Identifier<Contact>

    package var id: ID
    package var name: String?

    package init(id: ID, name: String?) {
        self.id = id
        self.name = name
    }
}

/// One way by which a contact is recognised; unique per kind and scope in the account.
package struct ContactIdentifier: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case phone
        case waID = "wa_id"
        case lid
        case bsuid
        case email
        case externalID = "external_id"
    }

    package var kind: Kind
    /// The business portfolio of a `bsuid`; empty otherwise.
    package var scope: String
    /// As it was given, normalised.
    package var value: String
    /// What equal identifiers share; for phones the variants of one number have one key.
    package var matchKey: String

    package init(kind: Kind, scope: String = "", value: String, matchKey: String) {
        self.kind = kind
        self.scope = scope
        self.value = value
        self.matchKey = matchKey
    }
}
