import EventLoop
import Foundation

/// `leadwire <command>`: the composition root.
@main
enum Main {
    static func main() {
        // Before any thread starts, so that signals come to the loop alone.
        ProcessSignal.block()
        let arguments = Array(CommandLine.arguments.dropFirst())
        spawn {
            do {
                try await run(arguments)
                exit(0)
            } catch let error as CommandError {
                Console.error(error.description)
                exit(error.isUsage ? 2 : 1)
            } catch {
                Console.error("\(error)")
                exit(1)
            }
        }
        // The loop does the work; this thread only keeps the process.
        while true { pause() }
    }

    @Reactor
    private static func run(_ arguments: [String]) async throws {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case "demo": try await DemoCommand.run(rest)
        case "serve": try await ServeCommand.run(rest)
        case "worker": try await WorkerCommand.run(rest)
        case "migrate": try await MigrateCommand.run(rest)
        case "simulator": try await SimulatorCommand.run(rest)
        case "account": try await AccountCommand.run(rest)
        case "keys": try await KeysCommand.run(rest)
        case "version": Console.line("leadwire \(Version.current)")
        case "help", "--help", "-h", nil: Console.line(Usage.text)
        case let other?: throw CommandError.usage("there is no command \(other)\n\n\(Usage.text)")
        }
    }
}

enum Version {
    static let current = "0.1.0"
}
