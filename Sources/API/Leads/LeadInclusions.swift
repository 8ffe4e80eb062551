import Domain
import JSON
import Storage

/// What `include` adds to a lead.
enum LeadInclusions {
    /// By comma, each once.
    ///
    /// - Throws: 403 for what the key may not see.
    static func read(_ query: inout QueryReader, _ caller: Exchange.Caller) throws -> [LeadStore.Inclusion] {
        guard let text = query.text("include") else { return [] }
        let known = LeadStore.Inclusion.allCases.map(\.rawValue).joined(separator: ", ")
        var inclusions: [LeadStore.Inclusion] = []
        for word in text.split(separator: ",").map({ $0.filter { $0 != " " } }) {
            guard let inclusion = LeadStore.Inclusion(rawValue: word) else {
                query.fail("include", "not_allowed", Faults.notOneOf, ["values": known])
                continue
            }
            if let permission = permission(for: inclusion), !caller.key.permissions.contains(permission) {
                throw Problem.denied(permission)
            }
            if !inclusions.contains(inclusion) { inclusions.append(inclusion) }
        }
        return inclusions
    }

    /// Beside the one to read leads.
    private static func permission(for inclusion: LeadStore.Inclusion) -> Permission? {
        switch inclusion {
        case .owner, .contact: nil
        case .tasks: .tasksRead
        case .conversations: .messagesRead
        case .windows: .whatsappRead
        }
    }
}

extension JSONWriter {
    mutating func lead(_ lead: LeadRecord, including inclusions: [LeadStore.Inclusion]) {
        beginObject()
        lead.write(.lead, to: &self)
        if !inclusions.isEmpty { lead.write(inclusions, to: &self) }
        endObject()
    }
}
