import EventLoop

/// `http`: `GET /ping` of `leadwire serve` against nginx returning the same body; 64 keep-alive connections, one process.
@Reactor
enum HTTPCommand {
    /// What the architecture asks for.
    private static let throughput = Gate.atLeast(0.95)
    private static let instructions = Gate.atMost(2)

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        try await Database.lend(in: workshop) { database in
            var rows = options.instructionsOnly ? [] : try await compare(options, workshop, database)
            if options.instructionsOnly || Callgrind.isInstalled {
                rows.append(try await count(workshop, database))
            } else {
                Console.progress("valgrind is not installed: the instructions are not counted")
            }
            return rows
        }
    }

    private static func compare(_ options: Options, _ workshop: Workshop, _ database: Database) async throws -> [Row] {
        let certificate = try await Certificate.make(in: workshop)
        let nginx = try await Nginx.start(in: workshop, certificate)
        let server = try await LeadwireServer.start(in: workshop, database)
        let tlsServer = try await LeadwireServer.start(in: workshop, database, certificate: certificate)
        let wrk = Wrk(workshop: workshop, seconds: options.seconds)
        Console.line("leadwire serve: \(ProcessFacts.group(server.program.pid))")
        Console.line("nginx: \(ProcessFacts.group(nginx.program.pid))")
        Console.line("postmaster, idle here: \(ProcessFacts.group(database.postmaster)); wrk: a session of its own")
        let plain = try await Rounds.run(
            [
                Contestant(name: "leadwire", pid: server.program.pid) { try await wrk.run(server.url("/ping")) },
                Contestant(name: "nginx", pid: nginx.program.pid) { try await wrk.run(nginx.url("/ping")) },
            ], rounds: options.rounds)
        let tls = try await Rounds.run(
            [
                Contestant(name: "leadwire, TLS", pid: tlsServer.program.pid) {
                    try await wrk.run(URLs.tls(tlsServer.port, "/ping"))
                },
                Contestant(name: "nginx, TLS", pid: nginx.program.pid) { try await wrk.run(nginx.tlsURL("/ping")) },
            ], rounds: options.rounds)
        await tlsServer.program.stop()
        await server.program.stop()
        await nginx.program.stop()
        return [
            .ratio("GET /ping, 64 connections", plain[0], plain[1], gate: throughput),
            .ratio("the same over TLS", tls[0], tls[1]),
        ]
    }

    private static func count(_ workshop: Workshop, _ database: Database) async throws -> Row {
        Console.progress("counting instructions")
        let certificate = try await Certificate.make(in: workshop)
        let peer = Callgrind(workshop: workshop, name: "nginx")
        let nginx = try await Nginx.start(in: workshop, certificate, wrapper: peer.wrapper)
        let theirs = try await peer.count(nginx.program, port: nginx.port, "/ping")
        await nginx.program.stop()
        let own = Callgrind(workshop: workshop, name: "leadwire")
        let server = try await LeadwireServer.start(in: workshop, database, wrapper: own.wrapper)
        let ours = try await own.count(server.program, port: server.port, "/ping")
        await server.program.stop()
        return Row(
            work: "GET /ping, user instructions", ours: Figures.whole(ours), peer: Figures.whole(theirs),
            judged: Spread([ours / theirs]), format: Figures.ratio, gate: instructions)
    }
}
