package import JSON

/// A task that a stage asks for.
package struct RequiredTask: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable { case call, email, task, visit, whatsapp, meeting }
    package enum Priority: String, Sendable, CaseIterable { case low, medium, high }

    package var subject: String
    package var kind: Kind
    package var priority: Priority
    /// Days after the lead entered the stage.
    package var dueInDays: Int

    package init(subject: String, kind: Kind, priority: Priority, dueInDays: Int) {
        self.subject = subject
        self.kind = kind
        self.priority = priority
        self.dueInDays = dueInDays
    }

    package var json: JSONValue {
        .object(
            JSONObject([
                ("subject", .string(subject)), ("type", .string(kind.rawValue)),
                ("priority", .string(priority.rawValue)),
                ("due_in_days", .number(JSONNumber(Int64(dueInDays)))),
            ]))
    }

    package init?(json: JSONValue) {
        guard let subject = json["subject"]?.string, let kind = json["type"]?.string.flatMap(Kind.init(rawValue:)),
            let priority = json["priority"]?.string.flatMap(Priority.init(rawValue:)),
            let days = json["due_in_days"]?.int64
        else { return nil }
        self.init(subject: subject, kind: kind, priority: priority, dueInDays: Int(days))
    }
}
