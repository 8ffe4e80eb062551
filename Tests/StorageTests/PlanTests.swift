import Domain
import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Storage

/// How PostgreSQL goes about the reads of a large account when it knows nothing of the parameters, as it does after a
/// statement's first few uses.
@Suite struct PlanTests {
    private static let start = Timestamp(rfc3339: "2026-01-01T00:00:00Z")!

    private struct Read {
        let statement: Statement
        let arguments: String
        /// Of eight kilobytes: a few for each row and its contact, stage and pipeline.
        let pages: Int
    }

    private static let reads: [Read] =
        [Read(statement: LeadStore.selectOne, arguments: "1, 1000", pages: 40)]
        + [(LeadStore.Filter(), "NULL"), (LeadStore.Filter(stageID: 7), "7")].flatMap { filter, stage in
            PageLength.allCases.flatMap { length in
                [
                    Read(
                        statement: LeadStore.selectAfter(filter, length),
                        arguments: "1, \(stage), 100000, \(length)", pages: 100 + 20 * length.rawValue),
                    Read(
                        statement: LeadStore.selectPage(filter, length, isFirst: true),
                        arguments: "1, \(stage), \(length)", pages: 100 + 20 * length.rawValue),
                ]
            }
        }

    @Test func `what reads leads looks at little more than what it answers`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            try await pool.withConnection { session in
                try await LopsidedAccounts(large: 200_000, small: 5).fill(session)
                for mode in ["force_generic_plan", "force_custom_plan"] {
                    _ = try await session.query(Statement("set_\(mode)", "SET plan_cache_mode = \(mode)"))
                    for read in Self.reads {
                        let plan = try await Self.plan(of: read, mode, session)
                        #expect(
                            !plan.contains { $0.contains("Seq Scan on leads") || $0.contains("Seq Scan on contacts") })
                        let pages = try #require(PlanFigures.pages(plan), "\(read.statement.name)")
                        #expect(
                            pages <= read.pages, "\(read.statement.name), \(mode):\n\(plan.joined(separator: "\n"))")
                    }
                }
                for filter in Self.filters { try await Self.judge(filter, session) }
                try await Self.judgeContacts(session)
            }
        }
    }

    /// A page's worth of rows, each with what is joined to it; what else narrows comes on top.
    private static let filteredPages = 1500

    /// Of the first page, and of one in the middle.
    private static func judge(
        _ named: (String, @Sendable (inout LeadFilter) -> Void), _ session: PostgresSession
    ) async throws {
        var filter = LeadFilter()
        named.1(&filter)
        let key =
            switch filter.order {
            case .name: "Pessoa 8"
            case .valueLast: "500"
            case .window: String((start + .seconds(230_000)).microseconds)
            default: String((start + .seconds(100_000)).microseconds)
            }
        let middle = LeadFilter.Position(
            id: 150_000, key: key, until: filter.order == .updated ? start + .seconds(300_000) : nil,
            snapshot: ReadSnapshot("9999:9990,9995"))
        for position in [nil, middle] {
            let step = LeadStore.step(
                filter, [], of: Account.ID(1), after: position, rows: 51, offset: 0, now: start)
            try await expectFew(step, "\(named.0), \(position == nil ? "first" : "in the middle")", session)
        }
    }

    /// Those that changed since, in the order of their changes.
    private static func judgeContacts(_ session: PostgresSession) async throws {
        var filter = ContactStore.Filter()
        filter.updatedSince = start + .seconds(1000)
        let until = start + .seconds(300_000)
        let middle = LeadFilter.Position(
            id: 150_000, key: String((start + .seconds(100_000)).microseconds), until: until,
            snapshot: ReadSnapshot("9999:9990,9995"))
        for position in [nil, middle] {
            let step = ContactStore.step(filter, of: Account.ID(1), until: until, after: position, limit: 51)
            try await expectFew(step, "contacts, \(position == nil ? "first" : "in the middle")", session)
        }
    }

    private static func expectFew(
        _ step: (Statement, [PostgresValue]), _ title: String, _ session: PostgresSession
    ) async throws {
        let plan = try await session.query(
            Statement("explain", "EXPLAIN (ANALYZE, BUFFERS) \(step.0.sql)", isPrepared: false), step.1
        ).map { try $0.text(0) }
        let text = "\(title):\n\(plan.joined(separator: "\n"))"
        #expect(!text.contains(/Seq Scan on (leads|contacts|lead_tags|conversations)/), "\(text)")
        #expect(try #require(PlanFigures.pages(plan)) <= filteredPages, "\(text)")
    }

    /// What each filter alone asks for, with the place where its second page begins.
    private static let filters: [(String, @Sendable (inout LeadFilter) -> Void)] = [
        ("pipeline_id", { $0.pipelineID = 1 }), ("stage_id", { $0.stageID = 7 }),
        ("assigned_to", { $0.assignedTo = 5 }), ("source", { $0.source = "feira" }),
        ("status", { $0.status = .won }), ("archived", { $0.status = .archived }), ("tags", { $0.tags = ["vip"] }),
        ("two tags", { $0.tags = ["vip", "raro"] }), ("a rare tag", { $0.tags = ["raro"] }),
        ("q by name", { $0.q = "zuleica" }), ("q by phone", { $0.q = "1100000791" }),
        ("q of two letters", { $0.q = "oa" }),
        ("updated_since", { ($0.updatedSince, $0.order) = (start + .seconds(1000), .updated) }),
        ("created_from", { ($0.createdFrom, $0.order) = (start + .seconds(1000), .createdLast) }),
        ("created_to", { ($0.createdBefore, $0.order) = (start + .seconds(1000), .createdLast) }),
        ("sort by name", { $0.order = .name }), ("sort by value", { $0.order = .valueLast }),
        ("sort by change", { $0.order = .updatedLast }),
        ("window closed", { $0.window = .init(.closed, within: .seconds(3600), now: start + .seconds(300_000)) }),
        (
            "window open in order",
            { ($0.window, $0.order) = (.init(.open, within: .seconds(3600), now: start + .seconds(300_000)), .window) }
        ),
        (
            "window closing",
            {
                ($0.window, $0.order) = (
                    .init(.closing, within: .seconds(36000), now: start + .seconds(300_000)), .window
                )
            }
        ),
    ]

    private static func plan(of read: Read, _ mode: String, _ session: PostgresSession) async throws -> [String] {
        let name = "plan_of_\(read.statement.name)_\(mode)"
        _ = try await session.query(Statement("make_\(name)", "PREPARE \(name) AS \(read.statement.sql)"))
        return try await session.query(
            Statement("show_\(name)", "EXPLAIN (ANALYZE, BUFFERS) EXECUTE \(name) (\(read.arguments))")
        ).map { try $0.text(0) }
    }
}
