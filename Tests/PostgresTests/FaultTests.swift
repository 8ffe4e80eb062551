import Cluster
import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let schema = [(name: "0001_notes", sql: "CREATE TABLE notes (id int PRIMARY KEY)")]
private let insert = Statement("insert_note", "INSERT INTO notes (id) VALUES ($1)")
private let find = Statement("find_note", "SELECT count(*) FROM notes WHERE id = ANY ($1::int[])")
private let one = Statement("one", "SELECT 1")

/// The wire between the driver and the server, spoilt at every point of a transaction.
@Suite struct FaultTests {
    /// A way to write two rows or none.
    enum Way: CaseIterable, Sendable { case pipelined, transaction }

    enum Spoil: CaseIterable, Sendable {
        case cut, reset, loseAnswer

        func fault(_ n: Int) -> FaultProxy.Fault {
            switch self {
            case .cut: .cutBefore(message: n)
            case .reset: .resetBefore(message: n)
            case .loseAnswer: .loseAnswer(n)
            }
        }
    }

    @Test(arguments: Way.allCases, Spoil.allCases)
    func `whatever point the wire breaks at, what is said of a write is true`(_ way: Way, _ spoil: Spoil) async throws {
        try await withProxy(schema) { pool, proxied, proxy async throws in
            var rounds = 0
            var isUntouched = false
            while !isUntouched, rounds < 100 {
                rounds += 1
                let ids: [Int64] = [Int64(rounds * 2), Int64(rounds * 2 + 1)]
                proxy.arm(spoil.fault(rounds))
                let error = await Self.write(ids, way, proxied)
                isUntouched = !proxy.hasFired
                proxy.arm(nil)
                let rows = try await pool.read(find, [.intArray(ids)])[0].int(0)
                switch error?.certainty {
                case nil: #expect(rows == 2, "said to be there after fault \(rounds)")
                case .unknown: #expect(rows == 0 || rows == 2, "half a transaction after fault \(rounds)")
                case .notSent, .rejected: #expect(rows == 0, "said not to be there after fault \(rounds)")
                }
                if spoil == .loseAnswer, error?.certainty == .unknown, way == .pipelined { #expect(rows == 2) }
            }
            #expect(isUntouched)
            #expect(rounds > 1)
            #expect(try await proxied.write(one).count == 1)
        }
    }

    @Reactor
    private static func write(_ ids: [Int64], _ way: Way, _ pool: PostgresPool) async -> PostgresError? {
        do {
            switch way {
            case .pipelined: try await pool.transaction(ids.map { (insert, [.int($0)]) })
            case .transaction:
                try await pool.withTransaction { transaction in
                    for id in ids { try await transaction.query(insert, [.int(id)]) }
                }
            }
            return nil
        } catch {
            return error as? PostgresError
        }
    }

    @Test(arguments: Spoil.allCases)
    func `a read survives the wire breaking at any point`(_ spoil: Spoil) async throws {
        try await withProxy { _, proxied, proxy async throws in
            var rounds = 0
            repeat {
                rounds += 1
                proxy.arm(spoil.fault(rounds))
                #expect(try await proxied.read(one).count == 1)
            } while proxy.hasFired && rounds < 100
            #expect(rounds > 1 && rounds < 100)
        }
    }

    @Test func `messages that come byte by byte are understood, both ways`() async throws {
        try await withProxy(schema) { pool, proxied, proxy async throws in
            proxy.slice = 1
            try await withPool(like: proxied, { _ in }) { sliced async throws in
                let outcomes = await together([1, 2, 3, 4]) { id in
                    try await sliced.transaction([(insert, [.int(Int64(id))]), (insert, [.int(Int64(id + 10))])])
                }
                for outcome in outcomes { #expect(try outcome.get().map(\.affectedRows) == [1, 1]) }
                #expect(try await sliced.read(find, [.intArray([1, 2, 3, 4, 11, 12, 13, 14])])[0].int(0) == 8)
                let few = Statement("few", "SELECT n FROM generate_series(1, 20) AS n")
                let count = try await sliced.stream(few) { rows in
                    var count = 0
                    while try await rows.next() != nil { count += 1 }
                    return count
                }
                #expect(count == 20)
            }
        }
    }

    @Test func `an answer that ends in the middle of a message is no answer`() async throws {
        try await withProxy(schema) { pool, proxied, proxy async throws in
            var lost = 0
            for bytes in stride(from: 1, through: 60, by: 4) {
                proxy.arm(.cutAfter(bytes: bytes, .toClient))
                let id = Int64(1000 + bytes)
                do {
                    try await proxied.write(insert, [.int(id)])
                    #expect(try await pool.read(find, [.intArray([id])])[0].int(0) == 1)
                } catch let error as PostgresError {
                    #expect(error.certainty == .unknown)
                    lost += 1
                }
                proxy.arm(nil)
            }
            #expect(lost > 3)
        }
    }

    @Test func `a half-open socket is given up by our own watch, and the next call is served`() async throws {
        try await withProxy { pool, _, proxy async throws in
            try await withPool(
                like: pool,
                {
                    $0.connectionString += " \(proxy.address)"
                    $0.readLanes = 1
                    $0.writeLanes = 1
                    $0.exclusive = 1
                    $0.statementTimeout = .milliseconds(100)
                    $0.exclusiveStatementTimeout = .milliseconds(100)
                    $0.isPooled = true
                    $0.connectTimeout = .seconds(1)
                }
            ) { victim async throws in
                proxy.isStalled = true
                let began = MonotonicTime.now
                let write = await #expect(throws: PostgresError.self) { try await victim.write(one) }
                #expect(write?.code == .timeout)
                #expect(write?.certainty == .unknown)
                #expect(write?.isUnavailable == true)
                let body = await #expect(throws: PostgresError.self) {
                    try await victim.withTransaction { try await $0.query(one) }
                }
                #expect(body?.code == .timeout)
                #expect(MonotonicTime.now - began < .seconds(5))
                proxy.isStalled = false
                try await until { victim.writeFigures.connected == 1 && victim.exclusiveFigures.connected == 1 }
                #expect(try await victim.write(one).count == 1)
                #expect(try await victim.withTransaction { try await $0.query(one).count } == 1)
            }
        }
    }

    @Test(arguments: ["53100", "53200", "57P03", "08006", "58030"])
    func `what the server has no room or no time for is an outage, not a loss`(_ state: String) async throws {
        try await withProxy(schema) { pool, proxied, proxy async throws in
            proxy.arm(.report(sqlState: state, message: 1))
            let error = await #expect(throws: PostgresError.self) { try await proxied.write(insert, [1]) }
            #expect(error?.sqlState == state)
            #expect(error?.isUnavailable == true)
            #expect(error?.certainty == .rejected)
            #expect(try await pool.read(find, [.intArray([1])])[0].int(0) == 0)
            try await proxied.write(insert, [1])
        }
    }

    @Test func `a server that takes no writes any more is left for another connection`() async throws {
        try await withProxy(schema) { _, proxied, proxy async throws in
            // Prepared on both lanes: executions, not preparations, are refused.
            for outcome in await together([10, 11], { try await proxied.write(insert, [.int(Int64($0))]) }) {
                _ = try outcome.get()
            }
            let before = proxy.connections
            proxy.arm(.report(sqlState: "25006", message: 1))
            try await proxied.write(insert, [1])
            #expect(proxy.hasFired)
            try await until { proxy.connections > before }
        }
    }

    @Test func `no call waits longer than its limits while the server is gone, and connections are not leaked`()
        async throws
    {
        try await withProxy { pool, _, proxy async throws in
            try await withPool(
                like: pool,
                {
                    $0.connectionString += " \(proxy.address)"
                    $0.waitLimit = .milliseconds(100)
                }
            ) { victim async throws in
                try await until { victim.writeFigures.connected == 2 && victim.exclusiveFigures.connected == 2 }
                for _ in 1...5 {
                    proxy.refuses = true
                    proxy.cutAll(reset: true)
                    let began = MonotonicTime.now
                    let outcomes = await together(Array(0..<50)) { number in
                        try await number.isMultiple(of: 2) ? victim.read(one).count : victim.write(one).count
                    }
                    #expect(MonotonicTime.now - began < .seconds(3))
                    for outcome in outcomes {
                        if case .failure(let error as PostgresError) = outcome { #expect(error.isUnavailable) }
                    }
                    proxy.refuses = false
                    try await until { victim.writeFigures.connected == 2 && victim.readFigures.connected == 2 }
                    #expect(try await victim.write(one).count == 1)
                }
                // Its own, and the seven of the other pool.
                try await until { victim.exclusiveFigures.connected == 2 && proxy.openConnections == 14 }
            }
        }
    }
}

/// Lends a pool on the database, a second one through a proxy, and the proxy.
@Reactor
private func withProxy(
    _ migrations: [(name: String, sql: String)] = [],
    _ body: @escaping @Reactor @Sendable (PostgresPool, PostgresPool, FaultProxy) async throws -> Void
) async throws {
    try await withTestDatabase(migrations: migrations) { pool async throws in
        let cluster = try await TestCluster.shared()
        let proxy = try FaultProxy(.socket(cluster.socketDirectory))
        do {
            try await withPool(like: pool, { $0.connectionString += " \(proxy.address)" }) { proxied async throws in
                try await until { proxied.writeFigures.connected == 2 && proxied.exclusiveFigures.connected == 2 }
                try await body(pool, proxied, proxy)
            }
        } catch {
            proxy.stop()
            throw error
        }
        proxy.stop()
    }
}
