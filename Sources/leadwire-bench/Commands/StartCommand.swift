import EventLoop

/// `start`: `leadwire serve` from exec to its first answer, on a database that is ready.
@Reactor
enum StartCommand {
    /// What the architecture asks for.
    private static let limit = Gate.atMost(0.1)

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        let others = ForeignLoad()
        let times = try await Database.lend(in: workshop) { database in
            var times: [Double] = []
            // The first, unmeasured, brings the binary into memory.
            for round in 0...options.rounds {
                let server = try await LeadwireServer.start(in: workshop, database)
                await server.program.stop()
                let seconds = Double(server.startTime.nanoseconds) / 1e9
                Console.progress("round \(round): \(Figures.milliseconds(seconds))")
                if round > 0 { times.append(seconds) }
            }
            return times
        }
        let foreign = others.share()
        return [
            Row(
                work: "serve, from exec to the first answer", ours: "", judged: Spread(times),
                format: Figures.milliseconds, gate: limit, foreign: foreign)
        ]
    }
}
