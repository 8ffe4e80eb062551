package import JSON

/// A nurture sequence: steps that follow each other while the lead does not answer.
package struct FollowUp: Sendable, Hashable {
    package typealias ID = Identifier<FollowUp>

    package enum Channel: String, Sendable, CaseIterable { case whatsapp }

    package var id: ID
    package var name: String
    package var description: String?
    package var isActive: Bool
    package var channel: Channel
    package var exitOnReply: Bool
    package var exitOnStageChange: Bool
    /// In their order.
    package var steps: [Step]
    /// Leads that ever entered it, and those that went through to the end.
    package var enrolled: Int
    package var completed: Int
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: ID, name: String, description: String?, isActive: Bool, channel: Channel, exitOnReply: Bool,
        exitOnStageChange: Bool, steps: [Step], enrolled: Int, completed: Int, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.isActive = isActive
        self.channel = channel
        self.exitOnReply = exitOnReply
        self.exitOnStageChange = exitOnStageChange
        self.steps = steps
        self.enrolled = enrolled
        self.completed = completed
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package struct Step: Sendable, Hashable {
        package enum Kind: String, Sendable, CaseIterable { case message, template, task }

        /// Minutes after the step before, or after the enrolment.
        package var delayMinutes: Int
        package var kind: Kind
        /// What the kind needs, as the API shows it.
        package var config: JSONValue
        package var isActive: Bool

        package init(delayMinutes: Int, kind: Kind, config: JSONValue, isActive: Bool) {
            self.delayMinutes = delayMinutes
            self.kind = kind
            self.config = config
            self.isActive = isActive
        }
    }
}

/// A lead's way through a sequence.
package struct Enrolment: Sendable, Hashable {
    package typealias ID = Identifier<Enrolment>

    package enum Status: String, Sendable, CaseIterable { case active, completed, exited }

    package var id: ID
    package var leadID: Lead.ID
    package var sequence: Lead.Reference
    package var status: Status
    /// The step done last; 0 before the first.
    package var currentStepPosition: Int
    package var nextStepAt: Timestamp?
    package var startedAt: Timestamp
    package var completedAt: Timestamp?
    package var exitedAt: Timestamp?
    package var exitReason: String?

    package init(
        id: ID, leadID: Lead.ID, sequence: Lead.Reference, status: Status, currentStepPosition: Int,
        nextStepAt: Timestamp?, startedAt: Timestamp, completedAt: Timestamp?, exitedAt: Timestamp?,
        exitReason: String?
    ) {
        self.id = id
        self.leadID = leadID
        self.sequence = sequence
        self.status = status
        self.currentStepPosition = currentStepPosition
        self.nextStepAt = nextStepAt
        self.startedAt = startedAt
        self.completedAt = completedAt
        self.exitedAt = exitedAt
        self.exitReason = exitReason
    }
}
