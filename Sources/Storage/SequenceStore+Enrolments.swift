package import Domain
import JSON
import Postgres

/// Leads on their way through sequences.
extension SequenceStore {
    static let selectEnrolments = Statement(
        "sequence_enrolment_list",
        """
        SELECT e.id, e.lead_id, e.sequence_id, s.name, e.status, e.current_step_position, e.next_step_at,
            e.started_at, e.completed_at, e.exited_at, e.exit_reason
        FROM sequence_enrolments e
        JOIN sequences s ON s.account_id = $1 AND s.id = e.sequence_id
        WHERE e.account_id = $1 AND e.lead_id = $2
        ORDER BY e.id
        """)

    /// Every time that the lead entered a sequence; nil for a lead that there is none of.
    package func enrolments(of lead: Lead.ID, of account: Account.ID) async throws -> [Enrolment]? {
        let results = try await pool.read([
            (LeadStore.selectExisting, [.id(account), .id(lead)]), (Self.selectEnrolments, [.id(account), .id(lead)]),
        ])
        return results[0].isEmpty ? nil : try results[1].map(Self.enrolment)
    }

    static let insertEnrolment = Statement(
        "sequence_enrolment_insert",
        """
        INSERT INTO sequence_enrolments (account_id, sequence_id, lead_id, next_step_at, started_at)
        VALUES ($1, $2, $3, $4, $5)
        RETURNING id
        """)
    static let selectActive = Statement(
        "sequence_enrolment_active",
        """
        SELECT id FROM sequence_enrolments
        WHERE account_id = $1 AND lead_id = $2 AND sequence_id = $3 AND status = 'active'
        """)

    /// The lead's way through the sequence, if it is on one. One that begins in between is met by the unique key.
    @PostgresActor
    package func active(
        _ lead: Lead.ID, in sequence: FollowUp.ID, in write: WriteTransaction
    ) async throws -> Enrolment.ID? {
        try await write.transaction.query(
            Self.selectActive, [.id(write.account), .id(lead), .id(sequence)]
        ).first.map { Enrolment.ID(try $0.int(0)) }
    }

    @PostgresActor
    package func enrol(
        _ lead: Lead.ID, in sequence: FollowUp, in write: WriteTransaction
    ) async throws -> Enrolment {
        let next = sequence.steps.first(where: \.isActive).map { write.now + .seconds(60 * $0.delayMinutes) }
        let rows = try await write.transaction.query(
            Self.insertEnrolment,
            [.id(write.account), .id(sequence.id), .id(lead), .time(next), .time(write.now)])
        guard let row = rows.first else { throw StorageError.missing("the enrolment") }
        let id = Enrolment.ID(try row.int(0))
        write.audit(.create, of: .sequenceEnrolment, id.rawValue)
        return Enrolment(
            id: id, leadID: lead, sequence: Lead.Reference(id: sequence.id.rawValue, name: sequence.name),
            status: .active, currentStepPosition: 0, nextStepAt: next, startedAt: write.now, completedAt: nil,
            exitedAt: nil, exitReason: nil)
    }

    static let updateExited = Statement(
        "sequence_enrolment_exit",
        """
        UPDATE sequence_enrolments SET status = 'exited', next_step_at = NULL, exited_at = $4, exit_reason = 'left'
        WHERE account_id = $1 AND lead_id = $2 AND sequence_id = $3 AND status = 'active'
        RETURNING id
        """)

    /// Whether the lead was on its way through the sequence.
    @PostgresActor
    package func leave(
        _ lead: Lead.ID, _ sequence: FollowUp.ID, in write: WriteTransaction
    ) async throws -> Bool {
        let rows = try await write.transaction.query(
            Self.updateExited, [.id(write.account), .id(lead), .id(sequence), .time(write.now)])
        guard let row = rows.first else { return false }
        write.audit(
            .update, of: .sequenceEnrolment, try row.int(0), changes: .changes([("status", "active", "exited")]))
        return true
    }

    private static func enrolment(_ row: PostgresRow) throws -> Enrolment {
        var r = RowReader(row)
        return Enrolment(
            id: try r.id(), leadID: try r.id(), sequence: Lead.Reference(id: try r.int(), name: try r.text()),
            status: try r.word(), currentStepPosition: Int(try r.int()), nextStepAt: try r.timestampOrNil(),
            startedAt: try r.timestamp(), completedAt: try r.timestampOrNil(), exitedAt: try r.timestampOrNil(),
            exitReason: try r.textOrNil())
    }
}
