/// The way that leads go, stage by stage.
package struct Pipeline: Sendable, Hashable {
    package typealias ID = Identifier<Pipeline>

    package var id: ID
    package var name: String
    /// In their order.
    package var stages: [Stage]

    package init(id: ID, name: String, stages: [Stage]) {
        self.id = id
        self.name = name
        self.stages = stages
    }
}

/// One step of a pipeline.
package struct Stage: Sendable, Hashable {
    package typealias ID = Identifier<Stage>

    package var id: ID
    package var name: String
    /// `#` and six hexadecimal digits.
    package var color: String
    /// Leads that are won go here; a stage is not both.
    package var isWon: Bool
    package var isLost: Bool
    /// What a lead gets to do here, and must have done to leave.
    package var requiredTasks: [RequiredTask]

    package init(id: ID, name: String, color: String, isWon: Bool, isLost: Bool, requiredTasks: [RequiredTask]) {
        self.id = id
        self.name = name
        self.color = color
        self.isWon = isWon
        self.isLost = isLost
        self.requiredTasks = requiredTasks
    }
}

/// Why a lead was lost.
package struct LostReason: Sendable, Hashable {
    package typealias ID = Identifier<LostReason>

    package var id: ID
    package var name: String

    package init(id: ID, name: String) {
        self.id = id
        self.name = name
    }
}
