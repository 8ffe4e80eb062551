import Domain
import Storage

/// The bodies of pipelines and stages.
enum PipelineBody {
    /// More columns than anybody scrolls through.
    static let stageLimit = 100
    private static let taskLimit = 20
    /// Ten years: beyond that it is a typing mistake.
    private static let dueLimit: Int64 = 3650

    static func newStage(_ body: inout BodyReader, lenient: Bool) -> PipelineStore.NewStage? {
        var stage = PipelineStore.NewStage(name: "")
        let name = body.text("name", maximum: BodyReader.nameLimit, isRequired: true)
        stage.name = name ?? ""
        if let color = color(&body) { stage.color = color }
        stage.isWon = body.boolean("is_won") ?? false
        stage.isLost = body.boolean("is_lost") ?? false
        if stage.isWon, stage.isLost { body.fail("is_lost", "exclusive", Faults.oneEnd) }
        stage.requiredTasks = tasks(&body, lenient: lenient)
        return name == nil ? nil : stage
    }

    struct StageChange: Sendable {
        var name: Change<String>
        var color: Change<String>
        var isWon: Change<Bool>
        var isLost: Change<Bool>
        var requiredTasks: Change<[RequiredTask]>

        func applied(to stage: Stage) -> Stage {
            Stage(
                id: stage.id, name: name.applied(to: stage.name), color: color.applied(to: stage.color),
                isWon: isWon.applied(to: stage.isWon), isLost: isLost.applied(to: stage.isLost),
                requiredTasks: requiredTasks.applied(to: stage.requiredTasks))
        }
    }

    static func stageChange(_ body: inout BodyReader, lenient: Bool) -> StageChange {
        StageChange(
            name: body.change("name") { $0.text("name", maximum: BodyReader.nameLimit, isRequired: true) },
            color: body.change("color", color),
            isWon: body.change("is_won") { $0.boolean("is_won") },
            isLost: body.change("is_lost") { $0.boolean("is_lost") },
            requiredTasks: body.change("required_tasks") { tasks(&$0, lenient: lenient) })
    }

    private static func color(_ body: inout BodyReader) -> String? {
        guard let color = body.text("color", maximum: 7) else { return nil }
        guard color.utf8.count == 7, color.hasPrefix("#"), color.dropFirst().allSatisfy(\.isHexDigit) else {
            body.fail("color", "invalid_format", Faults.color)
            return nil
        }
        return color.lowercased()
    }

    private static func tasks(_ body: inout BodyReader, lenient: Bool) -> [RequiredTask] {
        body.objects("required_tasks", count: taskLimit, lenient: lenient) { task in
            let subject = task.text("subject", maximum: 255, isRequired: true)
            let kind = task.word("type", RequiredTask.Kind.self) ?? .task
            let priority = task.word("priority", RequiredTask.Priority.self) ?? .medium
            let days = task.integer("due_in_days", in: 0...dueLimit) ?? 0
            return subject.map {
                RequiredTask(subject: $0, kind: kind, priority: priority, dueInDays: Int(days))
            }
        }
    }
}
