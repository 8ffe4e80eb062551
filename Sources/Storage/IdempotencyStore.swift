package import Domain
package import Postgres

/// What an `Idempotency-Key` was used for.
package struct IdempotencyStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// A key as a request gives it: scope and the hash of what is asked.
    package struct Claim: Sendable, Hashable {
        /// Method and route, as `POST /leads`.
        package var route: String
        package var key: String
        /// SHA-256 over method, path, query and body.
        package var requestHash: [UInt8]

        package init(route: String, key: String, requestHash: [UInt8]) {
            self.route = route
            self.key = key
            self.requestHash = requestHash
        }
    }

    /// What is kept under a key: an answer, or the message whose verdict is the answer.
    package enum Answer: Sendable {
        case body(status: Int, [UInt8])
        case message(Message.ID)
    }

    /// What an earlier request with the key left.
    package struct Entry: Sendable {
        package var requestHash: [UInt8]
        /// The message of a send: its verdict is the answer.
        package var messageID: Message.ID?
        package var status: Int?
        package var body: [UInt8]?
    }

    static let select = Statement(
        "idempotency_get",
        """
        SELECT request_hash, message_id, status, body
        FROM idempotency_keys
        WHERE account_id = $1 AND route = $2 AND key = $3
        """)

    package func entry(_ claim: Claim, of account: Account.ID) -> Query<Entry?> {
        Query([(Self.select, [.id(account), .text(claim.route), .text(claim.key)])]) { results in
            try results[0].first.map { row in
                var reader = RowReader(row)
                return try Self.entry(&reader)
            }
        }
    }

    static func entry(_ reader: inout RowReader) throws -> Entry {
        Entry(
            requestHash: try reader.bytes(), messageID: try reader.idOrNil(),
            status: try reader.intOrNil().map(Int.init), body: try reader.bytesOrNil())
    }

    static let insert = Statement(
        "idempotency_put",
        """
        INSERT INTO idempotency_keys (account_id, route, key, request_hash, status, body, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (account_id, route, key) DO NOTHING
        RETURNING 1
        """)

    static func insertion(
        _ claim: Claim, of account: Account.ID, status: Int?, body: [UInt8]?, now: Timestamp
    ) -> [PostgresValue] {
        [
            .id(account), .text(claim.route), .text(claim.key), .bytes(claim.requestHash),
            .integer(status.map(Int64.init)), body.map { .bytes($0) } ?? .null, .time(now),
        ]
    }

    /// Keeps an answer that had no effect besides, a refusal by a business rule; false when the key is taken.
    package func keep(
        _ claim: Claim, of account: Account.ID, status: Int, body: [UInt8], now: Timestamp
    ) async throws -> Bool {
        try await !pool.write(
            Self.insert, Self.insertion(claim, of: account, status: status, body: body, now: now)
        ).isEmpty
    }

    static let updateAnswer = Statement(
        "idempotency_answer",
        """
        UPDATE idempotency_keys SET status = $4, body = $5
        WHERE account_id = $1 AND route = $2 AND key = $3
        """)

    static let updateMessage = Statement(
        "idempotency_message",
        """
        UPDATE idempotency_keys SET message_id = $4
        WHERE account_id = $1 AND route = $2 AND key = $3
        """)

    /// Puts the answer under a key that was claimed in the same transaction.
    static func update(_ claim: Claim, of account: Account.ID, to answer: Answer) -> (Statement, [PostgresValue]) {
        let place: [PostgresValue] = [.id(account), .text(claim.route), .text(claim.key)]
        return switch answer {
        case .body(let status, let body): (updateAnswer, place + [.int(Int64(status)), .bytes(body)])
        case .message(let id): (updateMessage, place + [.id(id)])
        }
    }

    static let deleteOld = Statement("idempotency_forget", "DELETE FROM idempotency_keys WHERE created_at < $1")

    package func forget(before time: Timestamp) async throws {
        _ = try await pool.write(Self.deleteOld, [.time(time)])
    }
}
