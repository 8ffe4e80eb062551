import EventLoop
import HTTP

/// `leadwire serve`, as released, on a database that is ready.
@Reactor
struct LeadwireServer {
    let program: Program
    let port: UInt16
    let started: MonotonicTime
    /// To the first answer.
    let startTime: Duration

    static func start(
        in workshop: Workshop, _ database: Database, certificate: Certificate? = nil, wrapper: [String] = []
    ) async throws -> LeadwireServer {
        let port = try Workshop.freePort()
        var environment = database.environment
        environment["LEADWIRE_PORT"] = "\(port)"
        // Of sends the commit is measured: none is to wait for a provider that does not answer.
        environment["LEADWIRE_ATTEMPTS_PER_NUMBER"] = "1000000"
        environment["LEADWIRE_TLS_CERT"] = certificate?.file
        environment["LEADWIRE_TLS_KEY"] = certificate?.key
        let command = wrapper + [try Workshop.sibling("leadwire"), "serve"]
        let started = MonotonicTime.now
        let program = try Program(
            command[0], Array(command.dropFirst()), environment: environment, log: workshop.path("serve.log"))
        let url = certificate == nil ? URLs.plain(port, "/ping") : URLs.tls(port, "/ping")
        let answered = try await program.answers(url, trust: certificate?.file)
        return LeadwireServer(program: program, port: port, started: started, startTime: answered - started)
    }

    func url(_ path: String) -> HTTPURL { URLs.plain(port, path) }
}
