/// What an account holds its leads to: its pipelines, its custom fields, its people, and the tasks that it wants done.
package struct LeadRules: Sendable {
    package let pipelines: [Pipeline]
    private let fields: CustomFieldSchema
    private let users: Set<Int64>
    private let pending: [Lead.ID: [PendingTask]]
    private let isLenient: Bool
    private let now: Timestamp

    /// - Parameters:
    ///   - users: those whom leads may be assigned to, of those that are named.
    ///   - pending: the mandatory tasks that keep a lead in its stage.
    ///   - isLenient: keys of no custom field are ignored and told, not refused.
    package init(
        pipelines: [Pipeline], fields: CustomFieldSchema, users: Set<Int64>, pending: [Lead.ID: [PendingTask]],
        isLenient: Bool, now: Timestamp
    ) {
        self.pipelines = pipelines
        self.fields = fields
        self.users = users
        self.pending = pending
        self.isLenient = isLenient
        self.now = now
    }

    package enum Fault: Error, Sendable, Hashable {
        /// Everything that is wrong with what is asked for.
        case invalid([Invalid])
        /// What has to be done before the lead goes on.
        case blocked([PendingTask])
    }

    package enum Invalid: Sendable, Hashable {
        case assignee
        case patch(LeadPatch.Fault)
        case move(LeadMove.Fault)
        case field(CustomFieldFault)
    }

    package struct Changed: Sendable {
        package var lead: Lead
        /// Keys of custom fields that there are none of.
        package var ignored: [String]

        package init(_ lead: Lead, ignored: [String] = []) {
            self.lead = lead
            self.ignored = ignored
        }
    }

    /// The lead with the patch's fields, in the place that it names. One that is in no pipeline yet is new.
    package func changed(_ lead: Lead, by patch: LeadPatch) throws(Fault) -> Changed {
        let isNew = lead.stage == nil
        let judged = fields.check(patch.customFields, isNew: isNew, lenient: isLenient)
        var invalid: [Invalid] = []
        var typed = patch
        typed.customFields = judged.values
        var changed = lead
        do throws(LeadPatch.Fault) {
            changed = try typed.applied(to: lead)
        } catch {
            invalid.append(.patch(error))
        }
        if isNew || patch.pipelineID != nil || patch.stageID != nil {
            do throws(LeadMove.Fault) {
                changed = try LeadMove(.stage, pipelineID: patch.pipelineID, stageID: patch.stageID)
                    .applied(to: changed, pipelines: pipelines, now: now)
            } catch {
                invalid.append(.move(error))
            }
        }
        if case .set(let user?) = patch.assignedTo, user != lead.assignedTo, !users.contains(user) {
            invalid.append(.assignee)
        }
        invalid += judged.faults.map { .field($0) }
        guard invalid.isEmpty else { throw .invalid(invalid) }
        if !isNew { try requireNothingPending(lead, changed) }
        return Changed(changed, ignored: judged.ignored)
    }

    package func moved(_ lead: Lead, _ move: LeadMove) throws(Fault) -> Lead {
        let moved: Lead
        do throws(LeadMove.Fault) {
            moved = try move.applied(to: lead, pipelines: pipelines, now: now)
        } catch {
            throw .invalid([.move(error)])
        }
        try requireNothingPending(lead, moved)
        return moved
    }

    private func requireNothingPending(_ before: Lead, _ after: Lead) throws(Fault) {
        guard before.stage?.id != after.stage?.id || before.status != after.status,
            let tasks = pending[before.id], !tasks.isEmpty
        else { return }
        throw .blocked(tasks)
    }

    /// The stage that the lead has come into, if it has.
    package func entered(_ after: Lead, from before: Lead?) -> Stage? {
        guard before?.stage?.id != after.stage?.id else { return nil }
        return pipelines.lazy.flatMap(\.stages).first { $0.id.rawValue == after.stage?.id }
    }
}

/// A mandatory task that is not done.
package struct PendingTask: Sendable, Hashable {
    package let id: LeadTask.ID
    package let subject: String
    package let kind: LeadTask.Kind

    package init(id: LeadTask.ID, subject: String, kind: LeadTask.Kind) {
        self.id = id
        self.subject = subject
        self.kind = kind
    }
}
