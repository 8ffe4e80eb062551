import Domain
import Storage

/// The bodies of tasks.
enum TaskBody {
    /// In Unicode scalars, as a lead's.
    private enum Limit {
        static let subject = 255
        static let long = 20_000
    }

    static func new(_ body: inout BodyReader) -> LeadTask.Fields {
        var fields = LeadTask.Fields(
            subject: body.text("subject", maximum: Limit.subject, isRequired: true) ?? "",
            kind: body.word("type", isRequired: true) ?? .task,
            dueDate: body.date("due_date", isRequired: true) ?? "")
        fields.description = body.text("description", maximum: Limit.long)
        fields.priority = body.word("priority") ?? .medium
        fields.dueTime = body.timeOfDay("due_time")
        fields.leadID = body.id("lead_id")
        fields.assignedTo = body.id("assigned_to")
        fields.notes = body.text("notes", maximum: Limit.long)
        fields.isMandatory = body.boolean("is_mandatory") ?? false
        return fields
    }

    /// What a PATCH names.
    struct Changes: Sendable {
        var subject: Change<String>
        var description: Change<String?>
        var kind: Change<LeadTask.Kind>
        var priority: Change<LeadTask.Priority>
        var dueDate: Change<String>
        var dueTime: Change<String?>
        var leadID: Change<Lead.ID?>
        var assignedTo: Change<User.ID?>
        var notes: Change<String?>
        var isMandatory: Change<Bool>
        var status: Change<LeadTask.Status>

        func applied(to old: LeadTask, now: Timestamp) -> LeadTask {
            var task = old
            task.fields = applied(to: old.fields)
            switch status {
            case .set(.completed): task.completedAt = old.completedAt ?? now
            case .set(.pending): task.completedAt = nil
            case .keep: break
            }
            return task
        }

        private func applied(to old: LeadTask.Fields) -> LeadTask.Fields {
            LeadTask.Fields(
                subject: subject.applied(to: old.subject), description: description.applied(to: old.description),
                kind: kind.applied(to: old.kind), priority: priority.applied(to: old.priority),
                dueDate: dueDate.applied(to: old.dueDate), dueTime: dueTime.applied(to: old.dueTime),
                leadID: leadID.applied(to: old.leadID), assignedTo: assignedTo.applied(to: old.assignedTo),
                notes: notes.applied(to: old.notes), isMandatory: isMandatory.applied(to: old.isMandatory))
        }
    }

    static func changes(_ body: inout BodyReader) -> Changes {
        Changes(
            subject: body.change("subject") { $0.text("subject", maximum: Limit.subject, isRequired: true) },
            description: body.clearable("description") { $0.text("description", maximum: Limit.long) },
            kind: body.change("type") { $0.word("type") }, priority: body.change("priority") { $0.word("priority") },
            dueDate: body.change("due_date") { $0.date("due_date", isRequired: true) },
            dueTime: body.clearable("due_time") { $0.timeOfDay("due_time") },
            leadID: body.clearable("lead_id") { $0.id("lead_id") },
            assignedTo: body.clearable("assigned_to") { $0.id("assigned_to") },
            notes: body.clearable("notes") { $0.text("notes", maximum: Limit.long) },
            isMandatory: body.change("is_mandatory") { $0.boolean("is_mandatory") },
            status: body.change("status") { $0.word("status") })
    }
}
