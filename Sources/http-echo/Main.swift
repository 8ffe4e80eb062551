import EventLoop
import Foundation
import HTTP

/// `http-echo <port> [host]`: the HTTP server and nothing else, for conformance suites and load generators.
@main
enum Main {
    private static let drainTime = Duration.seconds(5)

    static func main() {
        // Before any thread starts, so that signals come to the loop alone.
        ProcessSignal.block()
        DescriptorLimit.raise()
        let arguments = CommandLine.arguments.dropFirst()
        guard (1...2).contains(arguments.count), let port = arguments.first.flatMap({ UInt16($0) }) else {
            complain("usage: http-echo <port> [host]")
            exit(2)
        }
        let host = arguments.dropFirst().first ?? "127.0.0.1"
        spawn {
            do {
                try await serve(host: host, port: port)
            } catch {
                complain("http-echo: \(error)")
                exit(1)
            }
        }
        // The loop does the work; this thread only keeps the process.
        while true { pause() }
    }

    @Reactor
    private static func serve(host: String, port: UInt16) async throws {
        var configuration = HTTPServerConfiguration()
        // Load generators keep their connections.
        configuration.requestsPerConnection = .max
        let server = HTTPServer(configuration: configuration, answer: { .ready(Echo.answer($0)) })
        let bound = try server.start(host: host, port: port)
        print("listening on \(host):\(bound)")
        fflush(nil)
        _ = try SignalSource { signal in
            guard signal != .hangUp else { return }
            spawn {
                await server.stop(deadline: drainTime)
                exit(0)
            }
        }
    }

    private static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
