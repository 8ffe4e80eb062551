import Crypto
import EventLoop
import HTTP

/// `client`: calls as to a provider by `HTTP/Client`, 64 at once, against wrk sending the same to the same nginx.
@Reactor
enum ClientCommand {
    /// What the architecture asks for.
    private static let throughput = Gate.atLeast(0.8)

    private static let body = Array(
        #"{"messaging_product":"whatsapp","recipient_type":"individual","to":"+5511987651001","type":"text","text":{"body":"Oi!"}}"#
            .utf8)

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        let certificate = try await Certificate.make(in: workshop)
        let nginx = try await Nginx.start(in: workshop, certificate)
        let client = HTTPClient(configuration: .init(trust: .file(certificate.file)))
        let load = ClientLoad(client: client, seconds: options.seconds)
        let wrk = Wrk(workshop: workshop, seconds: options.seconds)
        Console.line("leadwire-bench, with HTTP/Client: \(ProcessFacts.group(ProcessFacts.own))")
        Console.line("nginx: \(ProcessFacts.group(nginx.program.pid))")
        var rows: [Row] = []
        for (work, url, gate) in [
            ("provider calls, 64 at once", nginx.url("/messages"), throughput),
            ("the same over TLS", nginx.tlsURL("/messages"), nil),
        ] {
            let request = HTTPClientRequest(
                method: .post, url: url, fields: ["Content-Type": "application/json"], body: body)
            let samples = try await Rounds.run(
                [
                    Contestant(name: "HTTP/Client", pid: ProcessFacts.own) { try await load.run(request) },
                    Contestant(name: "wrk", pid: nil) { try await wrk.run(url, script: "messages.lua") },
                ], rounds: options.rounds)
            rows.append(.ratio(work, samples[0], samples[1], gate: gate))
        }
        client.close()
        await nginx.program.stop()
        return rows
    }
}
