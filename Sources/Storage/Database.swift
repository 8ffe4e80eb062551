package import Postgres

/// Every store over one pool.
package struct Database: Sendable {
    package let pool: PostgresPool
    /// Kept, as the next, because sends of one moment are gathered in it.
    package let sendContexts: SendContextStore
    package let acceptance: AcceptStore

    package init(_ pool: PostgresPool) {
        self.pool = pool
        sendContexts = SendContextStore(pool)
        acceptance = AcceptStore(pool)
    }

    package var accounts: AccountStore { AccountStore(pool) }
    package var keys: APIKeyStore { APIKeyStore(pool) }
    package var users: UserStore { UserStore(pool) }
    package var tasks: TaskStore { TaskStore(pool) }
    package var customFields: CustomFieldStore { CustomFieldStore(pool) }
    package var sequences: SequenceStore { SequenceStore(pool) }
    package var rates: RateStore { RateStore(pool) }
    package var numberPaces: NumberPaceStore { NumberPaceStore(pool) }
    package var tiers: TierStore { TierStore(pool) }
    package var pipelines: PipelineStore { PipelineStore(pool) }
    package var lostReasons: LostReasonStore { LostReasonStore(pool) }
    package var audit: AuditStore { AuditStore(pool) }
    package var leads: LeadStore { LeadStore(pool) }
    package var imports: ImportStore { ImportStore(pool) }
    package var contacts: ContactStore { ContactStore(pool) }
    package var erasures: ErasureStore { ErasureStore(pool) }
    package var instances: InstanceStore { InstanceStore(pool) }
    package var templates: TemplateStore { TemplateStore(pool) }
    package var attempts: AttemptStore { AttemptStore(pool) }
    package var batches: BatchStore { BatchStore(pool) }
    package var outbox: OutboxStore { OutboxStore(pool) }
    package var messages: MessageStore { MessageStore(pool) }
    package var traces: TraceStore { TraceStore(pool) }
    package var conversations: ConversationStore { ConversationStore(pool) }
    package var timelines: TimelineStore { TimelineStore(pool) }
    package var windows: WindowStore { WindowStore(pool) }
    package var idempotency: IdempotencyStore { IdempotencyStore(pool) }
    package var hooks: HookStore { HookStore(pool) }
    package var parkedStatuses: ParkedStatusStore { ParkedStatusStore(pool) }
    package var media: MediaStore { MediaStore(pool) }
    package var inboundFailures: InboundFailureStore { InboundFailureStore(pool) }
    package var inbound: InboundStore { InboundStore(pool) }
    package var partitions: PartitionStore { PartitionStore(pool) }
    package var statistics: StatisticsStore { StatisticsStore(pool) }

    static let ping = Statement("ping", "SELECT 1, now()")

    /// Whether the database answers; its clock, in microseconds since 1970.
    package func ping() async throws -> Int64 {
        guard let row = try await pool.read(Self.ping).first else { throw StorageError.missing("its clock") }
        return try row.timestamp(1)
    }
}
