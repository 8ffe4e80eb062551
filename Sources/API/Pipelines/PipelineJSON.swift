import Domain
import JSON

extension JSONWriter {
    mutating func pipeline(_ pipeline: Pipeline) {
        beginObject()
        member("id", pipeline.id.rawValue)
        member("name", pipeline.name)
        key("stages")
        beginArray()
        for stage in pipeline.stages { self.stage(stage) }
        endArray()
        endObject()
    }

    mutating func stage(_ stage: Stage) {
        beginObject()
        member("id", stage.id.rawValue)
        member("name", stage.name)
        member("color", stage.color)
        member("is_won", stage.isWon)
        member("is_lost", stage.isLost)
        member("required_tasks", JSONValue.array(stage.requiredTasks.map(\.json)))
        endObject()
    }

    mutating func lostReason(_ reason: LostReason) {
        beginObject()
        member("id", reason.id.rawValue)
        member("name", reason.name)
        endObject()
    }
}
