package import JSON

/// A person, known by any number of identifiers.
package struct Contact: Sendable, Hashable {
    package typealias ID = Identifier<Contact>

    package var id: ID
    package var name: String?
    /// The main one, E.164.
    package var phone: String?
    /// The main one.
    package var email: String?
    package var company: String?
    /// `YYYY-MM-DD`.
    package var birthday: String?

    package init(
        id: ID, name: String? = nil, phone: String? = nil, email: String? = nil, company: String? = nil,
        birthday: String? = nil
    ) {
        self.id = id
        self.name = name
        self.phone = phone
        self.email = email
        self.company = company
        self.birthday = birthday
    }

    /// The contact with its blanks filled by what a lead that joins it says.
    package func filled(by lead: Lead) -> Contact {
        Contact(
            id: id, name: name ?? (lead.name.isEmpty ? nil : lead.name), phone: phone ?? lead.phone,
            email: email ?? lead.email, company: company ?? lead.company, birthday: birthday ?? lead.birthday)
    }

    /// The contact as one of its leads shows it now.
    package func showing(_ lead: Lead) -> Contact {
        Contact(
            id: id, name: name, phone: lead.phone, email: lead.email, company: lead.company, birthday: lead.birthday)
    }

    /// `{"field": before}` of what differs, in the API's names.
    package func previous(to after: Contact) -> JSONObject {
        let fields: [(String, KeyPath<Contact, String?>)] = [
            ("name", \.name), ("phone", \.phone), ("email", \.email), ("company", \.company),
            ("birthday", \.birthday),
        ]
        return JSONObject(
            fields.filter { self[keyPath: $0.1] != after[keyPath: $0.1] }
                .map { ($0.0, self[keyPath: $0.1].map { .string($0) } ?? .null) })
    }

    /// The identifiers that its main phone and e-mail stand for.
    package var identifiers: [ContactIdentifier] {
        var all: [ContactIdentifier] = []
        if let phone {
            let key = PhoneMatchKey.key(for: String(phone.dropFirst()))
            all.append(ContactIdentifier(kind: .phone, value: phone, matchKey: key))
        }
        if let email { all.append(ContactIdentifier(kind: .email, value: email, matchKey: email.lowercased())) }
        return all
    }
}

extension Lead {
    /// What its contact is known by, as the lead shows it.
    package var identifiers: [ContactIdentifier] { Contact(id: contactID, phone: phone, email: email).identifiers }

    /// The lead as it shows this contact.
    package func showing(_ contact: Contact) -> Lead {
        var lead = self
        lead.contactID = contact.id
        (lead.phone, lead.email) = (contact.phone, contact.email)
        (lead.company, lead.birthday) = (contact.company, contact.birthday)
        return lead
    }

    /// A lead that is not stored yet, with nothing said of it.
    package static func blank(of account: Account.ID, currency: String, now: Timestamp) -> Lead {
        Lead(
            id: ID(0), accountID: account, contactID: Contact.ID(0), externalID: nil, name: "", phone: nil, email: nil,
            company: nil, birthday: nil, valueMinor: nil, currency: currency, source: nil, status: .open, tags: [],
            stage: nil, pipeline: nil, assignedTo: nil, notes: nil, utm: UTM(), customFields: .object(JSONObject()),
            lostReasonID: nil, wonAt: nil, lostAt: nil, optedOut: false, createdAt: now, updatedAt: now, version: 1)
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
