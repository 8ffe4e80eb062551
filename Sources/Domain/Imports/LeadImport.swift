/// Leads that came in bulk, and how far they have got.
package struct LeadImport: Sendable {
    package typealias ID = Identifier<LeadImport>

    package enum Status: String, Sendable, CaseIterable {
        /// Its body still arrives; nothing of it is applied before all is there. → `queued`, `completed` without lines,
        /// `failed`, `canceled`
        case receiving
        /// All of it is kept, and waits for its turn. → `running`, `canceled`
        case queued
        /// → `completed`, `canceled`
        case running
        case completed
        /// Its body did not arrive in full; nothing of it was applied.
        case failed
        /// What was applied by then stays.
        case canceled

        /// Whether nothing more becomes of it.
        package var isFinal: Bool { self == .completed || self == .failed || self == .canceled }
    }

    package enum Format: String, Sendable, CaseIterable { case ndjson, csv }

    /// Why it failed.
    package enum Failure: String, Sendable, CaseIterable {
        /// The client left, fell too far behind, or sent more than is taken.
        case incompleteBody = "incomplete_body"
        /// The server stopped meanwhile.
        case interrupted
        /// What came cannot be an import, as its answer said.
        case refused
    }

    package let id: ID
    package var status: Status
    package var format: Format
    package var isLenient: Bool
    /// Of the key that asked; nil once that is not known.
    package var apiKeyID: APIKey.ID?
    /// Lines, blank ones apart.
    package var received: Int
    package var processed: Int
    package var counts: [LeadUpsert.Outcome: Int]
    /// The last line that is worked; 0 before the first.
    package var line: Int
    package var failure: Failure?
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?

    package init(
        id: ID, status: Status, format: Format, isLenient: Bool, apiKeyID: APIKey.ID?, received: Int, processed: Int,
        counts: [LeadUpsert.Outcome: Int], line: Int, failure: Failure?, createdAt: Timestamp,
        startedAt: Timestamp?, finishedAt: Timestamp?
    ) {
        self.id = id
        self.status = status
        self.format = format
        self.isLenient = isLenient
        self.apiKeyID = apiKeyID
        self.received = received
        self.processed = processed
        self.counts = counts
        self.line = line
        self.failure = failure
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
