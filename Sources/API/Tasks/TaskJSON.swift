import Domain
import JSON

extension JSONWriter {
    /// - Parameter local: the account's clock, for `is_overdue`.
    mutating func task(_ task: LeadTask, at local: String) {
        let fields = task.fields
        beginObject()
        member("id", task.id.rawValue)
        member("subject", fields.subject)
        member("description", fields.description)
        member("type", fields.kind.rawValue)
        member("status", task.status.rawValue)
        member("priority", fields.priority.rawValue)
        member("due_date", fields.dueDate)
        member("due_time", fields.dueTime)
        member("completed_at", task.completedAt?.text)
        member("lead_id", fields.leadID?.rawValue)
        key("lead")
        if let lead = task.lead {
            beginObject()
            member("id", lead.id.rawValue)
            member("name", lead.name)
            member("phone", lead.phone)
            member("email", lead.email)
            endObject()
        } else {
            null()
        }
        member("assigned_to", fields.assignedTo?.rawValue)
        key("assigned_user")
        if let user = task.assignedUser {
            beginObject()
            member("id", user.id)
            member("name", user.name)
            endObject()
        } else {
            null()
        }
        member("notes", fields.notes)
        member("is_mandatory", fields.isMandatory)
        member("stage_id", task.stageID?.rawValue)
        member("is_overdue", task.isOverdue(at: local))
        member("created_at", task.createdAt.text)
        member("updated_at", task.updatedAt.text)
        endObject()
    }
}
