package import JSON

/// What differs between two states of a lead, in the API's names and values.
package struct LeadChanges: Sendable {
    package struct Field: Sendable, Hashable {
        package let name: String
        package let before: JSONValue
        package let after: JSONValue
    }

    package let fields: [Field]
    package let before: Lead
    package let after: Lead

    package init(from before: Lead, to after: Lead) {
        self.before = before
        self.after = after
        fields = Self.readers.compactMap { name, read in
            let (old, new) = (read(before), read(after))
            return old == new ? nil : Field(name: name, before: old, after: new)
        }
    }

    package var isEmpty: Bool { fields.isEmpty }

    /// `{"field": before}`
    package var previous: JSONValue { .object(JSONObject(fields.map { ($0.name, $0.before) })) }

    /// The events that tell of it, in their order; none when nothing changed.
    package var events: [LeadEvent] {
        guard !isEmpty else { return [] }
        if after.status == .archived { return [.deleted] }
        if before.status == .archived { return [.updated] }
        var events: [LeadEvent] = []
        var told: Set<String> = []
        if before.stage?.id != after.stage?.id {
            events.append(.stageChanged)
            told.formUnion(["stage_id", "stage", "pipeline_id", "pipeline"])
        }
        if before.status != after.status {
            told.formUnion(["status", "won_at", "lost_at"])
            switch after.status {
            case .won:
                events.append(.won)
                told.insert("value")
            case .lost:
                events.append(.lost)
                told.insert("lost_reason_id")
            case .open, .archived: break
            }
            if before.status == .lost { told.insert("lost_reason_id") }
        }
        if events.isEmpty || fields.contains(where: { !told.contains($0.name) }) { events.append(.updated) }
        return events
    }

    /// The names of what belongs to the contact, and is shown on each of its leads.
    package static let ofContact: Set<String> = ["phone", "email", "company", "birthday"]

    /// Every field that a write can change, as the API shows it.
    package static let readers: [(name: String, read: @Sendable (Lead) -> JSONValue)] = [
        ("external_id", { .text($0.externalID) }), ("name", { .string($0.name) }), ("phone", { .text($0.phone) }),
        ("email", { .text($0.email) }), ("company", { .text($0.company) }), ("birthday", { .text($0.birthday) }),
        ("value", { $0.amount.map { .number($0) } ?? .null }), ("currency", { .string($0.currency) }),
        ("source", { .text($0.source) }), ("status", { .string($0.status.rawValue) }),
        ("tags", { .array($0.tags.map { .string($0) }) }), ("pipeline_id", { .integer($0.pipeline?.id) }),
        ("stage_id", { .integer($0.stage?.id) }), ("assigned_to", { .integer($0.assignedTo) }),
        ("notes", { .text($0.notes) }), ("utm_source", { .text($0.utm.source) }),
        ("utm_medium", { .text($0.utm.medium) }), ("utm_campaign", { .text($0.utm.campaign) }),
        ("utm_term", { .text($0.utm.term) }), ("utm_content", { .text($0.utm.content) }),
        ("custom_fields", { $0.customFields }), ("lost_reason_id", { .integer($0.lostReasonID) }),
        ("won_at", { .text($0.wonAt?.text) }), ("lost_at", { .text($0.lostAt?.text) }),
    ]
}

/// The facts that are told of leads (PRODUCT § 8).
package enum LeadEvent: String, Sendable, CaseIterable {
    case created = "lead.created"
    case updated = "lead.updated"
    case deleted = "lead.deleted"
    case stageChanged = "lead.stage_changed"
    case won = "lead.won"
    case lost = "lead.lost"
}
