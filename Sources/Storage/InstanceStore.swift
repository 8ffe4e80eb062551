package import Domain
package import Postgres

/// The numbers of an account.
package struct InstanceStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// A number to attach, with its secrets sealed.
    package struct NewInstance: Sendable {
        package var provider: Instance.Provider
        package var displayName: String
        package var phoneNumber: String
        package var isPrimary: Bool
        package var status: Instance.Status
        package var baseURL: String
        package var apiVersion: String?
        package var businessAccountID: String?
        package var providerKey: String
        package var sealedSecrets: String
        package var hookID: Int64
        package var qualityRating: String?
        package var messagingLimit: String?
        /// Messages a second; nil is Meta's default.
        package var throughput: Int?

        package init(
            provider: Instance.Provider, displayName: String, phoneNumber: String, isPrimary: Bool,
            status: Instance.Status, baseURL: String, apiVersion: String?, businessAccountID: String?,
            providerKey: String, sealedSecrets: String, hookID: Int64, qualityRating: String?,
            messagingLimit: String?, throughput: Int? = nil
        ) {
            self.provider = provider
            self.displayName = displayName
            self.phoneNumber = phoneNumber
            self.isPrimary = isPrimary
            self.status = status
            self.baseURL = baseURL
            self.apiVersion = apiVersion
            self.businessAccountID = businessAccountID
            self.providerKey = providerKey
            self.sealedSecrets = sealedSecrets
            self.hookID = hookID
            self.qualityRating = qualityRating
            self.messagingLimit = messagingLimit
            self.throughput = throughput
        }
    }

    static let insert = Statement(
        "instance_insert",
        """
        INSERT INTO instances (
            account_id, provider, display_name, phone_number, is_primary, status, base_url, api_version,
            business_account_id, provider_key, secrets, hook_id, quality_rating, messaging_limit, created_at,
            updated_at, throughput)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, COALESCE($16::integer, 80))
        RETURNING id
        """)

    package func create(_ instance: NewInstance, for account: Account.ID, now: Timestamp) async throws -> Instance.ID {
        let rows = try await pool.write(
            Self.insert,
            [
                .id(account), .text(instance.provider.rawValue), .text(instance.displayName),
                .text(instance.phoneNumber), .bool(instance.isPrimary), .text(instance.status.rawValue),
                .text(instance.baseURL), .word(instance.apiVersion), .word(instance.businessAccountID),
                .text(instance.providerKey), .text(instance.sealedSecrets), .int(instance.hookID),
                .word(instance.qualityRating), .word(instance.messagingLimit), .time(now),
                .integer(instance.throughput.map(Int64.init)),
            ])
        guard let row = rows.first else { throw StorageError.missing("the new instance") }
        return Instance.ID(try row.int(0))
    }

    /// `last_inbound_at` comes from the conversations: a column here would be written by every inbound message.
    private static let select = """
        SELECT i.account_id, i.id, i.provider, i.display_name, i.phone_number, i.is_primary, i.status,
            i.provider_status, i.business_account_id, i.quality_rating, i.messaging_limit,
            (SELECT max(c.last_inbound_at) FROM conversations c
             WHERE c.account_id = $1 AND c.instance_id = i.id),
            \(limitColumns)
        FROM instances i
        WHERE i.account_id = $1
        """

    static let selectAll = Statement("instance_list", "\(select)\nORDER BY i.id")

    static let lock = Statement("instance_lock", "\(select) AND i.id = $2\nFOR NO KEY UPDATE OF i")

    package func all(of account: Account.ID) async throws -> [Instance] {
        try await pool.read(Self.selectAll, [.id(account)]).map(Self.instance)
    }

    static let selectAccess = Statement(
        "instance_access",
        """
        SELECT provider, base_url, api_version, business_account_id, provider_key, secrets, status
        FROM instances
        WHERE account_id = $1 AND id = $2
        """)

    /// What a call to the provider needs.
    package struct Access: Sendable {
        package let provider: Instance.Provider
        package let baseURL: String
        package let apiVersion: String?
        package let businessAccountID: String?
        package let providerKey: String
        package let sealedSecrets: String
        package let status: Instance.Status
    }

    package func access(_ id: Instance.ID, of account: Account.ID) async throws -> Access? {
        guard let row = try await pool.read(Self.selectAccess, [.id(account), .id(id)]).first else { return nil }
        var reader = RowReader(row)
        return Access(
            provider: try reader.word(), baseURL: try reader.text(), apiVersion: try reader.textOrNil(),
            businessAccountID: try reader.textOrNil(), providerKey: try reader.text(),
            sealedSecrets: try reader.text(), status: try reader.word())
    }

    static let updateAccess = Statement(
        "instance_set_access",
        """
        UPDATE instances SET base_url = $3, updated_at = $4
        WHERE account_id = $1 AND id = $2
        RETURNING id
        """)

    /// Points the number at another address of the same provider.
    package func setBaseURL(_ url: String, of id: Instance.ID, account: Account.ID, now: Timestamp) async throws {
        _ = try await pool.write(Self.updateAccess, [.id(account), .id(id), .text(url), .time(now)])
    }

    static let updateStatus = Statement(
        "instance_set_status",
        """
        WITH changed AS (
            UPDATE instances SET status = $3, provider_status = $4, updated_at = $5,
                throughput = COALESCE($6::integer, throughput)
            WHERE account_id = $1 AND id = $2 AND status <> $3
            RETURNING id
        )
        INSERT INTO events (account_id, type, created_at, data)
        SELECT $1, 'instance.status_changed', $5,
            jsonb_build_object('instance', jsonb_build_object('id', id, 'status', $3::text))
        FROM changed
        RETURNING id
        """)

    /// Whether the status was another before.
    ///
    /// - Parameter throughput: messages a second; nil leaves what is known.
    package func set(
        _ status: Instance.Status, providerStatus: String?, throughput: Int? = nil, of id: Instance.ID,
        account: Account.ID, now: Timestamp
    ) async throws -> Bool {
        try await !pool.write(
            Self.updateStatus,
            [
                .id(account), .id(id), .text(status.rawValue), .word(providerStatus), .time(now),
                .integer(throughput.map(Int64.init)),
            ]
        ).isEmpty
    }

    /// Those that may come back by themselves; an operator disabled or logged out the others.
    static let selectWaiting = Statement(
        "instance_waiting",
        """
        SELECT i.account_id, i.id
        FROM instances i
        WHERE i.status IN ('connecting', 'disconnected', 'auth_failed')
        ORDER BY i.updated_at
        LIMIT $1
        """)

    package func waiting(limit: Int) async throws -> [(account: Account.ID, id: Instance.ID)] {
        try await pool.read(Self.selectWaiting, [.int(Int64(limit))]).map { row in
            var reader = RowReader(row)
            return (account: try reader.id(), id: try reader.id())
        }
    }

    static func instance(_ row: PostgresRow) throws -> Instance {
        var reader = RowReader(row)
        let account: Account.ID = try reader.id()
        var instance = Instance(
            id: try reader.id(), accountID: account, provider: try reader.word(), displayName: try reader.text(),
            phoneNumber: try reader.text(), isPrimary: try reader.bool(), status: try reader.word(),
            providerStatus: try reader.textOrNil(), businessAccountID: try reader.textOrNil(),
            qualityRating: try reader.textOrNil(), messagingLimit: try reader.textOrNil(),
            lastInboundAt: try reader.timestampOrNil())
        (instance.limits, instance.pacing) = try speed(&reader)
        return instance
    }

    /// What `limits` reads of the instance `i`.
    static let limitColumns: StaticString =
        "i.provider, i.throughput, i.least_gap_ms, i.most_gap_ms, i.hourly_budget, i.daily_budget"

    static func limits(_ reader: inout RowReader) throws -> NumberLimits? { try speed(&reader).0 }

    private static func speed(_ reader: inout RowReader) throws -> (NumberLimits?, NumberPacing) {
        let provider: Instance.Provider = try reader.word()
        let throughput = Int(try reader.int())
        let (least, most) = (try reader.intOrNil(), try reader.intOrNil())
        let pacing = NumberPacing(
            hourlyBudget: try reader.intOrNil(), dailyBudget: try reader.intOrNil(), leastGap: least, mostGap: most)
        switch provider {
        case .cloudAPI: return (.cloud(perSecond: throughput), NumberPacing())
        case .waha: return (pacing.limits, pacing)
        }
    }
}
