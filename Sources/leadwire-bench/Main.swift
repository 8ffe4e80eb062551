import EventLoop
import Foundation

/// `leadwire-bench <subcommand>`: measures what the architecture promises, side by side with those it is compared to.
@main
enum Main {
    static func main() {
        // Before any thread starts, so that signals come to the loop alone.
        ProcessSignal.block()
        spawn { exit(await run()) }
        // The loop does the work; this thread only keeps the process.
        while true { pause() }
    }

    /// - Returns: 0 when every gate is met, 1 when one is missed, 2 when nothing could be measured.
    @Reactor
    private static func run() async -> Int32 {
        do {
            let words = Array(CommandLine.arguments.dropFirst())
            if words.first == "simulate" { return try await SimulateCommand.run(Array(words.dropFirst())) }
            guard let name = words.first, let command = Subcommand(rawValue: name) else {
                throw BenchError(Usage.text)
            }
            let options = try Options(Array(words.dropFirst()))
            let workshop = try Workshop()
            // What was started goes with this process; the folder must go by its own hand.
            let interruption = try SignalSource { _ in
                workshop.remove()
                exit(2)
            }
            defer {
                workshop.remove()
                withExtendedLifetime(interruption) {}
            }
            Console.line("\(Machine.description); \(Machine.sharing)")
            Console.line(await Stalls.measured())
            let rows = try await command.run(options, workshop)
            Console.line("\n\(Table.text(rows))")
            if rows.contains(where: \.isDisturbed) {
                Console.line("\nOthers used much of the machine: run it again when it is quiet.")
            }
            return rows.allSatisfy(\.isMet) ? 0 : 1
        } catch {
            Console.progress("\(error)")
            return 2
        }
    }
}

/// Each measures a part of the table, and is a file in Commands.
enum Subcommand: String, CaseIterable {
    case http
    case client
    case memory
    case start
    case reads
    case sends
    case latency
    case scale
    case load
    case table

    @Reactor
    func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        switch self {
        case .http: try await HTTPCommand.run(options, workshop)
        case .client: try await ClientCommand.run(options, workshop)
        case .memory: try await MemoryCommand.run(options, workshop)
        case .start: try await StartCommand.run(options, workshop)
        case .reads: try await ReadsCommand.run(options, workshop)
        case .sends: try await SendsCommand.run(options, workshop)
        case .latency: try await LatencyCommand.run(options, workshop)
        case .scale: try await ScaleCommand.run(options, workshop)
        case .load: try await LoadCommand.run(options, workshop)
        case .table: try await TableCommand.run(options, workshop)
        }
    }
}

enum Usage {
    static let text = """
        usage: leadwire-bench <subcommand> [--rounds N] [--seconds N] [--leads N] [--database URL]

          table    all of the following, as one table (about an hour)
          http     GET /ping against nginx: throughput, CPU, TLS, instructions (--instructions: these alone)
          client   HTTP/Client against wrk
          memory   idle connections, a million requests
          start    leadwire serve from exec to its first answer
          reads    a lead and a page of twenty against pgbench and a FastAPI peer
          sends    an accepted template against the same rows by pgbench, and the peer
          latency  both by eight clients: p50 and p99 against pgbench's
          scale    each way to read leads by cursor, among a million of them and among ten thousand
          simulate [--seeds N] [--steps N] [--seed N] [--flaw NAME]: the delivery core under faults
          load     fills a migrated, empty database: 1,000 accounts, one of --leads (1,000,000) leads

        It measures the programs beside it: build all of them first, with swift build -c release.
        """
}
