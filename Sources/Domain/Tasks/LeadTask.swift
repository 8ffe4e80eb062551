/// Something to do, by default about a lead.
package struct LeadTask: Sendable, Hashable {
    package typealias ID = Identifier<LeadTask>
    package typealias Kind = RequiredTask.Kind
    package typealias Priority = RequiredTask.Priority

    package enum Status: String, Sendable, CaseIterable { case pending, completed }

    package var id: ID
    package var fields: Fields
    package var lead: About?
    package var assignedUser: Lead.Reference?
    /// The stage that asked for it.
    package var stageID: Stage.ID?
    package var completedAt: Timestamp?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    package init(
        id: ID, fields: Fields, lead: About?, assignedUser: Lead.Reference?, stageID: Stage.ID?,
        completedAt: Timestamp?, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.fields = fields
        self.lead = lead
        self.assignedUser = assignedUser
        self.stageID = stageID
        self.completedAt = completedAt
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package var status: Status { completedAt == nil ? .pending : .completed }

    /// The lead that it keeps in its stage.
    package var keptLead: Lead.ID? { fields.isMandatory && status == .pending ? fields.leadID : nil }

    /// - Parameter local: the account's clock, as `2026-11-20T14:30:05`. A task without a time has the whole day.
    package func isOverdue(at local: String) -> Bool {
        status == .pending && "\(fields.dueDate)T\(fields.dueTime ?? "24:00")" < local
    }

    /// What callers write.
    package struct Fields: Sendable, Hashable {
        package var subject: String
        package var description: String?
        package var kind: Kind
        package var priority: Priority
        /// `YYYY-MM-DD`, in the account's time zone.
        package var dueDate: String
        /// `HH:MM`.
        package var dueTime: String?
        package var leadID: Lead.ID?
        package var assignedTo: User.ID?
        package var notes: String?
        /// While it is pending its lead stays in its stage.
        package var isMandatory: Bool

        package init(
            subject: String, description: String? = nil, kind: Kind, priority: Priority = .medium, dueDate: String,
            dueTime: String? = nil, leadID: Lead.ID? = nil, assignedTo: User.ID? = nil, notes: String? = nil,
            isMandatory: Bool = false
        ) {
            self.subject = subject
            self.description = description
            self.kind = kind
            self.priority = priority
            self.dueDate = dueDate
            self.dueTime = dueTime
            self.leadID = leadID
            self.assignedTo = assignedTo
            self.notes = notes
            self.isMandatory = isMandatory
        }
    }

    /// The lead, as a list of tasks shows it.
    package struct About: Sendable, Hashable {
        package var id: Lead.ID
        package var name: String
        package var phone: String?
        package var email: String?

        package init(id: Lead.ID, name: String, phone: String?, email: String?) {
            self.id = id
            self.name = name
            self.phone = phone
            self.email = email
        }
    }
}
