package import JSON

/// One template of a WhatsApp business account in one language, as Meta keeps it.
package struct SimulatedTemplate: Sendable {
    package var businessAccountID: String
    package var id: String
    package var name: String
    package var language: String
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`.
    package var category: String
    /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED`, …
    package var status: String
    /// `POSITIONAL` or `NAMED`.
    package var parameterFormat: String
    /// The array as the template endpoint returns it.
    package var components: JSONValue
    /// `GREEN`, `YELLOW`, `RED` or `UNKNOWN`.
    package var qualityScore: String
    package var rejectedReason: String

    package init(
        businessAccountID: String, id: String, name: String, language: String, category: String = "UTILITY",
        status: String = "APPROVED", parameterFormat: String = "POSITIONAL", components: JSONValue,
        qualityScore: String = "UNKNOWN", rejectedReason: String = "NONE"
    ) {
        self.businessAccountID = businessAccountID
        self.id = id
        self.name = name
        self.language = language
        self.category = category
        self.status = status
        self.parameterFormat = parameterFormat
        self.components = components
        self.qualityScore = qualityScore
        self.rejectedReason = rejectedReason
    }
}
