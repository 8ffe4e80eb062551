package import Domain
import JSON
import Postgres

@PostgresActor
extension LeadStore {
    nonisolated static let selectPending = Statement(
        "lead_pending_tasks",
        """
        SELECT t.lead_id, t.id, t.subject, t.type
        FROM tasks t
        WHERE t.account_id = $1 AND t.lead_id = ANY ($2::bigint[]) AND t.is_mandatory AND t.completed_at IS NULL
        ORDER BY t.id
        """)

    /// What the account holds these leads to, as far as the patches touch it.
    ///
    /// - Parameter currency: the account's.
    static func rules(
        for patches: [LeadPatch], of leads: [Lead.ID], currency: String, lenient: Bool, in write: WriteTransaction
    ) async throws -> LeadRules {
        let assignees = patches.compactMap { patch -> Int64? in
            if case .set(let user?) = patch.assignedTo { user } else { nil }
        }
        let account = PostgresValue.id(write.account)
        let results = try await write.transaction.query([
            (PipelineStore.selectAll, [account]), (CustomFieldStore.selectAll, [account]),
            (UserStore.selectIDs, [account, .intArray(assignees)]),
            (selectPending, [account, .intArray(leads.map(\.rawValue))]),
        ])
        var pending: [Lead.ID: [PendingTask]] = [:]
        for row in results[3] {
            var r = RowReader(row)
            pending[try r.id(), default: []].append(
                PendingTask(id: try r.id(), subject: try r.text(), kind: try r.word()))
        }
        return LeadRules(
            pipelines: try PipelineStore.pipelines(results[0]),
            fields: CustomFieldSchema(try results[1].map(CustomFieldStore.field), currency: currency),
            users: Set(try results[2].map { try $0.int(0) }), pending: pending, isLenient: lenient, now: write.now)
    }

    nonisolated static func kept<Result>(_ body: () throws(LeadRules.Fault) -> Result) throws -> Result {
        do throws(LeadRules.Fault) {
            return try body()
        } catch {
            throw Refused(reason: .rules(error))
        }
    }

    /// The lead with the patch's fields, moved where it says.
    ///
    /// - Parameter currency: the account's.
    /// - Throws: `Refused`.
    package func patched(
        _ lead: Lead, _ patch: LeadPatch, currency: String, lenient: Bool, in write: WriteTransaction
    ) async throws -> LeadRules.Changed {
        let rules = try await Self.rules(
            for: [patch], of: [lead.id], currency: currency, lenient: lenient, in: write)
        return try Self.kept { () throws(LeadRules.Fault) in try rules.changed(lead, by: patch) }
    }

    /// The lead in its new place, with what the patch says besides.
    ///
    /// - Throws: `Refused`.
    package func moved(
        _ lead: Lead, _ move: LeadMove, _ patch: LeadPatch, currency: String, in write: WriteTransaction
    ) async throws -> Lead {
        if case .lost(.set(let reason?)) = move.goal {
            let reasons = try await write.transaction.query(LostReasonStore.selectAll, [.id(write.account)])
            guard try reasons.map({ try $0.int(0) }).contains(reason) else {
                throw Refused(reason: .lostReasonNotFound)
            }
        }
        let rules = try await Self.rules(
            for: [patch], of: [lead.id], currency: currency, lenient: false, in: write)
        return try Self.kept { () throws(LeadRules.Fault) in
            try rules.moved(try rules.changed(lead, by: patch).lead, move)
        }
    }

    /// The stage that a lead has come into, if it has.
    package func entered(_ after: Lead, from before: Lead, in write: WriteTransaction) async throws -> Entered? {
        guard after.stage?.id != before.stage?.id else { return nil }
        let pipelines = try PipelineStore.pipelines(
            try await write.transaction.query(PipelineStore.selectAll, [.id(write.account)]))
        return pipelines.lazy.flatMap(\.stages).first { $0.id.rawValue == after.stage?.id }
            .map { Entered(lead: after, stage: $0) }
    }
}

extension LeadStore.Locked {
    /// The lead as it was before it was archived.
    package var restored: Lead {
        var lead = lead
        lead.status = status
        return lead
    }
}
