import Domain
import JSON
import Storage

/// The bodies of sequences and their steps.
enum SequenceBody {
    private enum Limit {
        static let name = 120
        static let description = 5_000
        static let steps = 50
        /// A year.
        static let delay: Int64 = 525_600
        static let message = 4_096
        static let variables = 100
        static let due: Int64 = 3_650
    }

    static func new(_ body: inout BodyReader, lenient: Bool) -> FollowUp {
        FollowUp(
            id: FollowUp.ID(0), name: body.text("name", maximum: Limit.name, isRequired: true) ?? "",
            description: body.text("description", maximum: Limit.description),
            isActive: body.boolean("is_active") ?? true, channel: body.word("channel") ?? .whatsapp,
            exitOnReply: body.boolean("exit_on_reply") ?? true,
            exitOnStageChange: body.boolean("exit_on_stage_change") ?? false,
            steps: steps(&body, lenient: lenient), enrolled: 0, completed: 0, createdAt: Timestamp(seconds: 0),
            updatedAt: Timestamp(seconds: 0))
    }

    /// What a PATCH names; `steps` takes the place of all of them.
    struct Changes: Sendable {
        var name: Change<String>
        var description: Change<String?>
        var isActive: Change<Bool>
        var channel: Change<FollowUp.Channel>
        var exitOnReply: Change<Bool>
        var exitOnStageChange: Change<Bool>
        var steps: Change<[FollowUp.Step]>

        func applied(to old: FollowUp) -> FollowUp {
            var sequence = old
            sequence.name = name.applied(to: old.name)
            sequence.description = description.applied(to: old.description)
            sequence.isActive = isActive.applied(to: old.isActive)
            sequence.channel = channel.applied(to: old.channel)
            sequence.exitOnReply = exitOnReply.applied(to: old.exitOnReply)
            sequence.exitOnStageChange = exitOnStageChange.applied(to: old.exitOnStageChange)
            sequence.steps = steps.applied(to: old.steps)
            return sequence
        }
    }

    static func changes(_ body: inout BodyReader, lenient: Bool) -> Changes {
        Changes(
            name: body.change("name") { $0.text("name", maximum: Limit.name, isRequired: true) },
            description: body.clearable("description") { $0.text("description", maximum: Limit.description) },
            isActive: body.change("is_active") { $0.boolean("is_active") },
            channel: body.change("channel") { $0.word("channel") },
            exitOnReply: body.change("exit_on_reply") { $0.boolean("exit_on_reply") },
            exitOnStageChange: body.change("exit_on_stage_change") { $0.boolean("exit_on_stage_change") },
            steps: body.change("steps") { steps(&$0, lenient: lenient) })
    }

    private static func steps(_ body: inout BodyReader, lenient: Bool) -> [FollowUp.Step] {
        body.objects("steps", count: Limit.steps, lenient: lenient) { step in
            let delay = step.integer("delay_minutes", in: 0...Limit.delay) ?? 0
            let kind = step.word("type", FollowUp.Step.Kind.self, isRequired: true)
            let isActive = step.boolean("is_active") ?? true
            // A step is shown with its place; where it stands decides.
            _ = step.integer("position", in: 1...Int64(Limit.steps))
            if !step.has("config") { step.fail("config", "required", Faults.required) }
            // Read even where the type is at fault, so that it counts as known.
            let given = step.object("config")
            guard let kind, var config = given else { return nil }
            let read = self.config(&config, kind, lenient: lenient)
            config.refuseUnknown(lenient: lenient)
            step.absorb(config)
            return FollowUp.Step(
                delayMinutes: Int(delay), kind: kind, config: .object(JSONObject(read)), isActive: isActive)
        }
    }

    private static func config(
        _ config: inout BodyReader, _ kind: FollowUp.Step.Kind, lenient: Bool
    ) -> [(String, JSONValue)] {
        switch kind {
        case .message:
            let text = config.text("message", maximum: Limit.message, isRequired: true) ?? ""
            guard var fallback = config.object("fallback") else { return [("message", .string(text))] }
            let template = template(&fallback)
            fallback.refuseUnknown(lenient: lenient)
            config.absorb(fallback)
            return [("message", .string(text)), ("fallback", .object(JSONObject(template)))]
        case .template: return template(&config)
        case .task:
            let task = RequiredTask(
                subject: config.text("subject", maximum: 255, isRequired: true) ?? "",
                kind: config.word("type") ?? .task, priority: config.word("priority") ?? .medium,
                dueInDays: Int(config.integer("due_in_days", in: 0...Limit.due) ?? 0))
            return task.json.object?.members.map { ($0.key, $0.value) } ?? []
        }
    }

    /// The values are bound when the step is sent: the template may have changed by then.
    private static func template(_ config: inout BodyReader) -> [(String, JSONValue)] {
        if !config.has("template_id") {
            _ = config.value("template_id")
            config.fail("template_id", "required", Faults.required)
        }
        let id = config.id("template_id", Template.self)?.rawValue ?? 0
        let variables = config.value("variables") ?? .array([])
        switch variables {
        case .array(let values):
            check(values.enumerated().map { (JSONPointer.appending($0.offset, to: ""), $0.element) }, &config)
        case .object(let values):
            check(values.members.map { (JSONPointer.appending($0.key, to: ""), $0.value) }, &config)
        default: config.fail("variables", "wrong_type", Faults.wrongType, ["type": "array"])
        }
        return [("template_id", .number(JSONNumber(id))), ("variables", variables)]
    }

    /// Texts, or null where a mapping is to fill in.
    private static func check(_ values: [(place: String, value: JSONValue)], _ config: inout BodyReader) {
        let path = config.path("variables")
        guard values.count <= Limit.variables else {
            return config.fail("variables", "too_many", Faults.tooMany, ["limit": String(Limit.variables)])
        }
        config.add(
            values.compactMap { place, value in
                let at = path + place
                guard !value.isNull else { return nil }
                guard let text = value.string else {
                    return .init(at, "wrong_type", Faults.wrongType, ["type": "string"])
                }
                guard !text.utf8.contains(0), !place.utf8.contains(0) else {
                    return .init(at, "invalid_character", Faults.invalidCharacter)
                }
                guard text.unicodeScalars.count <= Limit.message else {
                    return .init(at, "too_long", Faults.tooLong, ["limit": String(Limit.message)])
                }
                return nil
            })
    }
}
