package import Domain
package import JSON

/// A template as the provider lists it, before the account makes it its own.
package struct ProviderTemplate: Sendable, Hashable {
    package var providerID: String
    package var name: String
    package var language: String
    package var category: String
    package var status: Template.Status
    package var providerStatus: String
    package var parameterFormat: Template.ParameterFormat
    package var components: JSONValue
    package var qualityRating: String?
    package var rejectedReason: String?

    package init(
        providerID: String, name: String, language: String, category: String, status: Template.Status,
        providerStatus: String, parameterFormat: Template.ParameterFormat, components: JSONValue,
        qualityRating: String?, rejectedReason: String?
    ) {
        self.providerID = providerID
        self.name = name
        self.language = language
        self.category = category
        self.status = status
        self.providerStatus = providerStatus
        self.parameterFormat = parameterFormat
        self.components = components
        self.qualityRating = qualityRating
        self.rejectedReason = rejectedReason
    }
}

package struct TemplatePage: Sendable, Hashable {
    package var templates: [ProviderTemplate]
    /// For the next page; nil on the last.
    package var next: String?
    /// Entries without a name, language or components, which are left out.
    package var unreadable: Int

    package init(templates: [ProviderTemplate], next: String?, unreadable: Int) {
        self.templates = templates
        self.next = next
        self.unreadable = unreadable
    }
}

extension Template.Status {
    /// Meta's finer states in the five that Leadwire filters by; only `APPROVED` can be sent.
    package init(providerStatus: String) {
        switch providerStatus {
        case "APPROVED": self = .approved
        case "PENDING", "IN_APPEAL": self = .pending
        case "REJECTED": self = .rejected
        case "PAUSED", "FLAGGED": self = .paused
        // Deleted, locked, archived, over a limit, and what Meta adds: not to be sent until it says otherwise.
        default: self = .disabled
        }
    }
}
