package import JSON

/// A deal with a contact.
package struct Lead: Sendable, Hashable {
    package typealias ID = Identifier<Lead>

    package enum Status: String, Sendable, CaseIterable { case open, won, lost, archived }

    package struct Reference: Sendable, Hashable {
        package var id: Int64
        package var name: String

        package init(id: Int64, name: String) {
            self.id = id
            self.name = name
        }
    }

    package var id: ID
    package var accountID: Account.ID
    package var contactID: Contact.ID
    package var externalID: String?
    package var name: String
    /// The contact's, shown flat; E.164.
    package var phone: String?
    package var email: String?
    package var company: String?
    /// `YYYY-MM-DD`.
    package var birthday: String?
    /// Minor units of `currency`.
    package var valueMinor: Int64?
    package var currency: String
    package var source: String?
    package var status: Status
    package var tags: [String]
    package var stage: Reference?
    package var pipeline: Reference?
    package var assignedTo: Int64?
    package var notes: String?
    package var utm: UTM
    package var customFields: JSONValue
    package var lostReasonID: Int64?
    package var wonAt: Timestamp?
    package var lostAt: Timestamp?
    package var optedOut: Bool
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int64

    package init(
        id: ID, accountID: Account.ID, contactID: Contact.ID, externalID: String?, name: String, phone: String?,
        email: String?, company: String?, birthday: String?, valueMinor: Int64?, currency: String, source: String?,
        status: Status, tags: [String], stage: Reference?, pipeline: Reference?, assignedTo: Int64?, notes: String?,
        utm: UTM, customFields: JSONValue, lostReasonID: Int64?, wonAt: Timestamp?, lostAt: Timestamp?,
        optedOut: Bool, createdAt: Timestamp, updatedAt: Timestamp, version: Int64
    ) {
        self.id = id
        self.accountID = accountID
        self.contactID = contactID
        self.externalID = externalID
        self.name = name
        self.phone = phone
        self.email = email
        self.company = company
        self.birthday = birthday
        self.valueMinor = valueMinor
        self.currency = currency
        self.source = source
        self.status = status
        self.tags = tags
        self.stage = stage
        self.pipeline = pipeline
        self.assignedTo = assignedTo
        self.notes = notes
        self.utm = utm
        self.customFields = customFields
        self.lostReasonID = lostReasonID
        self.wonAt = wonAt
        self.lostAt = lostAt
        self.optedOut = optedOut
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.version = version
    }

    /// Where the lead came from, as its link said.
    package struct UTM: Sendable, Hashable {
        package var source: String?
        package var medium: String?
        package var campaign: String?
        package var term: String?
        package var content: String?

        package init(
            source: String? = nil, medium: String? = nil, campaign: String? = nil, term: String? = nil,
            content: String? = nil
        ) {
            self.source = source
            self.medium = medium
            self.campaign = campaign
            self.term = term
            self.content = content
        }
    }
}
