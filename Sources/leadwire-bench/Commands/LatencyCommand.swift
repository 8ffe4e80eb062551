import EventLoop

/// `latency`: a read and a send by eight clients, their median and their 99th percentile against pgbench's.
@Reactor
enum LatencyCommand {
    /// What the architecture asks for, of both.
    private static let bound = Gate.atMost(1.6)
    private static let clients = 8

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        try await Database.lend(in: workshop) { database in
            let provider = try SilentProvider()
            let data = try await Dataset.load(
                into: database.connectionString, secretKey: database.secretKey, provider: provider.url,
                leads: options.leads ?? 100_000, accounts: 1000)
            let pgbench = Pgbench(workshop: workshop, database: database, clients: clients, seconds: options.seconds)
            let own = SendContestant(workshop, database, data, seconds: options.seconds, connections: clients)
            let scripts = SendScripts(data)
            var rows: [Row] = []
            for read in Read.all(data) {
                let server = try await LeadwireServer.start(in: workshop, database)
                let wrk = Wrk(workshop: workshop, connections: clients, seconds: options.seconds)
                let values = ["PATHS": read.paths.map { "\"\($0)\"" }.joined(separator: ", "), "KEY": data.key]
                rows += try await compare(read.name, options) {
                    try await wrk.latencies(server.url("/"), script: "leads.lua", values)
                } _: {
                    Latencies(try await pgbench.latencies(read.script))
                }
                await server.program.stop()
            }
            for (form, script) in [("BEGIN … COMMIT", scripts.byStatements), ("its own statement", scripts.own)] {
                rows += try await compare("accept a template send, against \(form)", options) {
                    try await own.start()
                    let times = try await own.latencies()
                    try await own.end()
                    return times
                } _: {
                    Latencies(try await pgbench.latencies(script))
                }
            }
            provider.stop()
            return rows
        }
    }

    private static func compare(
        _ work: String, _ options: Options, _ ours: @Reactor () async throws -> Latencies,
        _ peer: @Reactor () async throws -> Latencies
    ) async throws -> [Row] {
        var pairs: [(ours: Latencies, peer: Latencies)] = []
        _ = try await (ours(), peer())
        for round in 0..<options.rounds {
            let pair: (ours: Latencies, peer: Latencies)
            if round.isMultiple(of: 2) {
                let first = try await ours()
                pair = (first, try await peer())
            } else {
                let first = try await peer()
                pair = (try await ours(), first)
            }
            pairs.append(pair)
            Console.progress(
                "round \(round + 1) of \(options.rounds): \(work), \(pair.ours.text), pgbench \(pair.peer.text)")
        }
        return [("p50", \Latencies.median), ("p99", \Latencies.high)].map { name, path in
            Row(
                work: "\(work), \(clients) clients, \(name)",
                ours: Spread(pairs.map { $0.ours[keyPath: path] }).text(Figures.milliseconds),
                peer: Spread(pairs.map { $0.peer[keyPath: path] }).text(Figures.milliseconds),
                judged: Spread(pairs.map { $0.ours[keyPath: path] / $0.peer[keyPath: path] }), format: Figures.ratio,
                gate: bound)
        }
    }
}

/// Seconds that half, and all but one in a hundred, stayed below.
struct Latencies: Sendable {
    let median: Double
    let high: Double

    init(median: Double, high: Double) {
        self.median = median
        self.high = high
    }

    /// - Parameter times: at least one.
    init(_ times: [Double]) {
        let sorted = times.sorted()
        self.init(median: sorted[sorted.count / 2], high: sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
    }

    var text: String { "\(Figures.milliseconds(median)) / \(Figures.milliseconds(high))" }
}
