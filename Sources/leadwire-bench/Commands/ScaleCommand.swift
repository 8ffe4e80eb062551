import Crypto
import EventLoop

/// `scale`: each way to read leads by cursor, in an account of a million leads against one of ten thousand in the same
/// database.
@Reactor
enum ScaleCommand {
    /// What the architecture asks for: the median answer of the large account takes at most so much longer.
    private static let bound = Gate.atMost(1.2)
    private static let small = 10_000
    /// Few enough that nobody waits for a core.
    private static let clients = 2

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        try await Database.lend(in: workshop) { database in
            let data = try await Dataset.load(
                into: database.connectionString, secretKey: database.secretKey, provider: "http://127.0.0.1:9",
                leads: options.leads ?? 1_000_000, second: small, accounts: 1000)
            guard let second = data.second else { return [] }
            let large = ScaleSide(account: 1, before: 0, leads: data.leads, key: data.key)
            let little = ScaleSide(account: 2, before: data.leads, leads: second.leads, key: second.key)
            let server = try await LeadwireServer.start(in: workshop, database)
            let wrk = Wrk(workshop: workshop, connections: clients, seconds: options.seconds)
            var rows: [Row] = []
            for way in ScaleWay.all { rows.append(try await compare(way, large, little, wrk, server, options)) }
            await server.program.stop()
            return rows
        }
    }

    private static func compare(
        _ way: ScaleWay, _ large: ScaleSide, _ small: ScaleSide, _ wrk: Wrk, _ server: LeadwireServer,
        _ options: Options
    ) async throws -> Row {
        func median(_ side: ScaleSide) async throws -> Double {
            let paths = (0..<200).map { _ in "\"/api/v1/leads?\(way.query(side))\"" }.joined(separator: ", ")
            let values = ["PATHS": paths, "KEY": side.key]
            return try await wrk.latencies(server.url("/"), script: "leads.lua", values).median
        }
        _ = try await (median(large), median(small))
        var pairs: [(large: Double, small: Double)] = []
        for round in 0..<options.rounds {
            // In turns, so that neither always comes first.
            let first = round.isMultiple(of: 2) ? try await median(large) : nil
            let little = try await median(small)
            let late = round.isMultiple(of: 2) ? nil : try await median(large)
            if let large = first ?? late { pairs.append((large, little)) }
        }
        let row = Row(
            work: way.name, ours: Spread(pairs.map(\.large)).text(Figures.milliseconds),
            peer: Spread(pairs.map(\.small)).text(Figures.milliseconds),
            judged: Spread(pairs.map { $0.large / $0.small }), format: Figures.ratio, gate: bound)
        Console.progress("\(way.name): \(row.ours), of ten thousand \(row.peer)")
        return row
    }
}

/// One of the two accounts.
struct ScaleSide {
    let account: Int
    /// What its leads' ids have before them.
    let before: Int
    let leads: Int
    let key: String

    /// Any of its leads that is not among the first, by its number in the account.
    var lead: Int { Int.random(in: leads / 10...leads) }
    var firstStage: Int { (account - 1) * 5 + 1 }
}

/// A way to read leads, and the query that asks for it.
struct ScaleWay: Sendable {
    let name: String
    let query: @Sendable (ScaleSide) -> String

    static let all = [
        ScaleWay(name: "by cursor") { side in
            let cursor = Base64.encode(Array("1.\(side.before + side.lead)".utf8), .urlSafe)
            return "limit=20&cursor=\(cursor)"
        },
        ScaleWay(name: "pipeline_id") { "limit=20&pipeline_id=\($0.account)" },
        ScaleWay(name: "stage_id") { "limit=20&stage_id=\($0.firstStage + Int.random(in: 0..<5))" },
        ScaleWay(name: "source") { _ in "limit=20&source=source%20\(Int.random(in: 0..<10))" },
        ScaleWay(name: "status") { _ in "limit=20&status=open" },
        ScaleWay(name: "tags") { _ in "limit=20&tags=tag%20\(Int.random(in: 0..<20))" },
        ScaleWay(name: "two tags") { _ in "limit=20&tags=tag%20\(Int.random(in: 0..<20))&tags=tag%2023" },
        // As many matches in both: one.
        ScaleWay(name: "q, a name") { "limit=20&q=Lead%20\($0.lead)" },
        ScaleWay(name: "q, an address") { "limit=20&q=contact\($0.lead)%40example.com" },
        ScaleWay(name: "q, a phone") { "limit=20&q=%2B55119" + String($0.lead + 100_000_000).dropFirst() },
        ScaleWay(name: "created_from, created_to") { _ in
            "limit=20&created_from=2020-01-01&created_to=2030-01-01"
        },
        ScaleWay(name: "updated_since") { _ in "limit=20&updated_since=2020-01-01" },
        ScaleWay(name: "stage_id and source") { "limit=20&stage_id=\($0.firstStage + 2)&source=source%202" },
        ScaleWay(name: "sort=name") { _ in "limit=20&sort=name" },
        ScaleWay(name: "sort=-value") { _ in "limit=20&sort=-value" },
        ScaleWay(name: "sort=updated_at") { _ in "limit=20&sort=updated_at" },
        ScaleWay(name: "window=closed") { _ in "limit=20&window=closed" },
    ]
}
