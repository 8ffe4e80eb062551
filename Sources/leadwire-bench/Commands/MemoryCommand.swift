import EventLoop

/// `memory`: what idle keep-alive connections and many requests leave in `leadwire serve`.
@Reactor
enum MemoryCommand {
    /// What the architecture asks for.
    private static let perConnection = Gate.atMost(4 * 1024)
    private static let perMillion = Gate.atMost(1024 * 1024)

    private static let connections = 10_000
    private static let requests = 1_000_000
    /// Until pools, caches and the allocator have what they need.
    private static let warmUp = 100_000

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        try FileDescriptors.allow(connections + 256)
        return try await Database.lend(in: workshop) { database in
            let server = try await LeadwireServer.start(in: workshop, database)
            let rows = try await measure(server)
            await server.program.stop()
            return rows
        }
    }

    private static func measure(_ server: LeadwireServer) async throws -> [Row] {
        let pid = server.program.pid
        let busy = try Crowd(port: server.port, path: "/ping")
        try await busy.connect(64)
        try await busy.exchange(warmUp)
        let warm = try ProcessFacts.resident(pid)
        try await busy.exchange(requests)
        let worked = try ProcessFacts.resident(pid)
        busy.close()
        Console.progress("\(requests) requests: \(Figures.kilobytes(warm)) before, \(Figures.kilobytes(worked)) after")
        let idle = try Crowd(port: server.port, path: "/ping")
        let empty = try ProcessFacts.resident(pid)
        try await idle.connect(connections)
        let full = try ProcessFacts.resident(pid)
        idle.close()
        Console.progress(
            "\(connections) connections: \(Figures.kilobytes(empty)) before, \(Figures.kilobytes(full)) with them")
        return [
            Row(
                work: "10,000 idle connections, memory each", ours: Figures.kilobytes(full - empty) + " in all",
                judged: Spread([(full - empty) / Double(connections)]), format: Figures.kilobytes, gate: perConnection),
            Row(
                work: "a million requests, growth of memory", ours: Figures.kilobytes(worked) + " after",
                judged: Spread([worked - warm]), format: Figures.kilobytes, gate: perMillion),
        ]
    }
}
