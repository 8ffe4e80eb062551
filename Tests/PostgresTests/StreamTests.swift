import Cluster
import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let series = Statement(
    "series", "SELECT n, repeat('x', $2::int) FROM generate_series(1, $1::bigint) AS n")
private let one = Statement("one", "SELECT 1")
private let active = Statement(
    "active", "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND state <> 'idle'")
private struct Enough: Error {}

@Suite(.serialized) struct StreamTests {
    @Test func `rows come in their order, each once, and then nil`() async throws {
        try await withTestDatabase { pool async throws in
            let (sum, count) = try await pool.stream(series, [10_000, 10]) { rows in
                var sum: Int64 = 0
                var count = 0
                while let row = try await rows.next() {
                    count += 1
                    sum += try row.int(0)
                    if count == 1 { #expect(try row.text(1) == "xxxxxxxxxx") }
                }
                #expect(try await rows.next() == nil)
                return (sum, count)
            }
            #expect(count == 10_000)
            #expect(sum == 50_005_000)
            #expect(try await pool.stream(series, [0, 1]) { try await $0.next() == nil })
        }
    }

    @Test(.disabled(if: holdsFreedMemory, "resident memory is what AddressSanitizer holds back"))
    func `a result of 100 MB takes a few MB of memory, however slowly it is read`() async throws {
        try await withTestDatabase { pool async throws in
            _ = try await pool.stream(series, [1000, 1000]) { rows in while try await rows.next() != nil {} }
            let before = try residentMemory()
            var most = 0
            let bytes = try await pool.stream(series, [100_000, 1024]) { rows in
                var bytes = 0
                var count = 0
                while let row = try await rows.next() {
                    bytes += try row.withBytes(1) { $0?.count ?? 0 }
                    count += 1
                    if count.isMultiple(of: 5000) { most = max(most, try residentMemory()) }
                    // Time enough for the server to send all of it, if it were let.
                    if count == 5000 { await pause(.seconds(1)) }
                }
                return bytes
            }
            #expect(bytes == 100_000 * 1024)
            #expect(most - before < 48 << 20, "grew by \((most - before) >> 20) MB")
        }
    }

    @Test func `a reader that stops midway leaves the connection free and the server idle`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.exclusive = 1
                    $0.connectionString += " application_name=streamed"
                }
            ) { victim async throws in
                for _ in 1...5 {
                    let first = try await victim.stream(series, [1_000_000, 100]) { try await $0.next()?.int(0) }
                    #expect(first == 1)
                    await #expect(throws: Enough.self) {
                        try await victim.stream(series, [1_000_000, 100]) { rows in
                            for _ in 1...1000 { _ = try await rows.next() }
                            throw Enough()
                        }
                    }
                    #expect(try await victim.withConnection { try await $0.query(one).count } == 1)
                }
                #expect(try await pool.read(active, ["streamed"])[0].int(0) == 0)
            }
        }
    }

    @Test func `a reader that is cancelled while it waits for a row is let go, and the server is stopped`() async throws
    {
        try await withTestDatabase { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.exclusive = 1
                    $0.connectionString += " application_name=waiting"
                }
            ) { victim async throws in
                let slow = Statement("slow_rows", "SELECT n, pg_sleep(60) FROM generate_series(1, 3) AS n")
                let task = spawn { () -> PostgresError? in
                    do {
                        return try await victim.stream(slow) { rows in
                            _ = try await rows.next()
                            return nil
                        }
                    } catch { return error as? PostgresError }
                }
                try await until { try await pool.read(active, ["waiting"])[0].int(0) == 1 }
                task.cancel()
                #expect(await task.value?.code == .cancelled)
                #expect(try await pool.read(active, ["waiting"])[0].int(0) == 0)
                #expect(try await victim.withConnection { try await $0.query(one).count } == 1)
            }
        }
    }

    @Test func `a statement that fails midway throws at the reader, and the next is served`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(like: pool, { $0.exclusive = 1 }) { pool async throws in
                let failing = Statement("failing", "SELECT 1 / (5000 - n) FROM generate_series(1, 10000) AS n")
                var read = 0
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.stream(failing) { rows in while try await rows.next() != nil { read += 1 } }
                }
                #expect(error?.sqlState == "22012")
                #expect(read == 4999)
                #expect(try await pool.withConnection { try await $0.query(one).count } == 1)
            }
        }
    }

    @Test func `a stream outlasts the limit of a statement while its reader is slow`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(like: pool, { $0.exclusiveStatementTimeout = .milliseconds(100) }) { pool async throws in
                let count = try await pool.stream(series, [20_000, 1000]) { rows in
                    var count = 0
                    while try await rows.next() != nil {
                        count += 1
                        if count.isMultiple(of: 5000) { await pause(.milliseconds(100)) }
                    }
                    return count
                }
                #expect(count == 20_000)
            }
        }
    }

    @Test func `a connection that is lost in the middle throws at the reader`() async throws {
        try await withTestDatabase { pool async throws in
            let cluster = try await TestCluster.shared()
            let proxy = try FaultProxy(.socket(cluster.socketDirectory))
            defer { proxy.stop() }
            try await withPool(like: pool, { $0.connectionString += " \(proxy.address)" }) { pool async throws in
                proxy.arm(.cutAfter(bytes: 1 << 20, .toClient))
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.stream(series, [100_000, 1000]) { rows in while try await rows.next() != nil {} }
                }
                #expect(error?.code == .connectionLost)
                #expect(try await pool.stream(series, [3, 1]) { try await $0.next()?.int(0) } == 1)
            }
        }
    }
}
