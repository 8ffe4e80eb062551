package import JSON

/// An approved (HSM) message, keyed by business account, name and language.
package struct Template: Sendable, Hashable {
    package typealias ID = Identifier<Template>

    package enum ParameterFormat: String, Sendable, CaseIterable { case positional, named }

    /// The five states that the API filters by; Meta's finer ones are mapped to them and kept as `providerStatus`.
    package enum Status: String, Sendable, CaseIterable {
        case approved = "APPROVED"
        case pending = "PENDING"
        case rejected = "REJECTED"
        case paused = "PAUSED"
        case disabled = "DISABLED"
    }

    package var id: ID
    package var accountID: Account.ID
    package var businessAccountID: String
    package var name: String
    package var language: String
    /// Meta's word, as `UTILITY`; open, because Meta adds to it.
    package var category: String
    package var status: Status
    package var providerStatus: String
    package var instanceID: Instance.ID?
    package var parameterFormat: ParameterFormat
    /// The admin's labels, one for each slot in order; shorter or empty when none were given.
    package var labels: [String]
    /// As Meta has them.
    package var components: JSONValue
    package var qualityRating: String?
    package var syncedAt: Timestamp?

    package init(
        id: ID, accountID: Account.ID, businessAccountID: String, name: String, language: String, category: String,
        status: Status, providerStatus: String, instanceID: Instance.ID?, parameterFormat: ParameterFormat,
        labels: [String], components: JSONValue, qualityRating: String?, syncedAt: Timestamp?
    ) {
        self.id = id
        self.accountID = accountID
        self.businessAccountID = businessAccountID
        self.name = name
        self.language = language
        self.category = category
        self.status = status
        self.providerStatus = providerStatus
        self.instanceID = instanceID
        self.parameterFormat = parameterFormat
        self.labels = labels
        self.components = components
        self.qualityRating = qualityRating
        self.syncedAt = syncedAt
    }
}
