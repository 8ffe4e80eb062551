/// A template to many leads, and how far it has got.
package struct SendBatch: Sendable {
    package typealias ID = Identifier<SendBatch>

    package enum Status: String, Sendable, CaseIterable {
        /// Nobody's turn has come. → `running`, `paused`, `canceled`, `completed`
        case queued
        /// → `paused`, `canceled`, `completed`
        case running
        /// Nobody's turn comes; what is queued goes on. → `queued`, `running`, `canceled`
        case paused
        /// Everybody has had their turn. Their messages may still be on the way.
        case completed
        /// What was queued by then goes on.
        case canceled

        /// Whether nobody's turn comes any more.
        package var isFinal: Bool { self == .completed || self == .canceled }
    }

    /// Why a batch was paused by itself.
    package enum PauseReason: String, Sendable, CaseIterable {
        /// Its number cannot send; whoever is judged now would be skipped for that.
        case instanceNotConnected = "instance_not_connected"
    }

    /// Where a recipient stands.
    package enum RecipientState: String, Sendable, CaseIterable {
        /// → `queued`, `skipped`, `canceled`
        case pending
        /// Has a message, whose own status tells the rest.
        case queued
        /// Was refused when the batch was made.
        case refused
        /// Was right when the batch was made, and no more when their turn came.
        case skipped
        case canceled
    }

    /// As the request named it; of one that it named by its id, what it is called too, while it is there.
    package struct ChosenTemplate: Sendable, Hashable {
        package let id: Template.ID?
        package let name: String?
        package let language: String?

        package init(id: Template.ID?, name: String?, language: String?) {
            self.id = id
            self.name = name
            self.language = language
        }
    }

    package let id: ID
    package var name: String?
    package var status: Status
    package var template: ChosenTemplate
    /// As the request named it.
    package var instanceID: Instance.ID?
    package var total: Int
    package var counts: [RecipientState: Int]
    /// nil unless it was paused by itself.
    package var pauseReason: PauseReason?
    /// Of the key that asked.
    package var apiKeyID: APIKey.ID
    package var startAt: Timestamp
    package var validUntil: Timestamp?
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?

    package init(
        id: ID, name: String?, status: Status, template: ChosenTemplate, instanceID: Instance.ID?,
        total: Int, counts: [RecipientState: Int], pauseReason: PauseReason?, apiKeyID: APIKey.ID,
        startAt: Timestamp, validUntil: Timestamp?, createdAt: Timestamp, startedAt: Timestamp?, finishedAt: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.template = template
        self.instanceID = instanceID
        self.total = total
        self.counts = counts
        self.pauseReason = pauseReason
        self.apiKeyID = apiKeyID
        self.startAt = startAt
        self.validUntil = validUntil
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}
