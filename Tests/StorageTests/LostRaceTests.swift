import Domain
import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Storage

/// What loses a race again and again is told to come back, and never that it cannot be held.
@Suite struct LostRaceTests {
    private static let insertThreadOfNobody = Statement(
        "thread_of_nobody",
        """
        INSERT INTO conversations (account_id, contact_id, instance_id, last_message_at, created_at)
        VALUES ($1, 999, 1, $2, $2)
        """, isPrepared: false)

    @Test func `an item whose contact goes away under it each time may still be applied later`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let store = InboundStore(pool)
            let parameters: [PostgresValue] = [.int(1), .time(Timestamp(rfc3339: "2026-01-01T00:00:00Z")!)]
            var runs = 0
            let error = await #expect(throws: LeadStore.LostRace.self) {
                try await store.repeatedly { transaction in
                    runs += 1
                    try await transaction.query(Self.insertThreadOfNobody, parameters)
                }
            }
            #expect(error.map(StorageError.isPassing) == true)
            #expect(runs == 20)
            runs = 0
            let late = try await store.repeatedly { transaction in
                runs += 1
                if runs < 12 { try await transaction.query(Self.insertThreadOfNobody, parameters) }
                return runs
            }
            #expect(late == 12)
        }
    }
}
