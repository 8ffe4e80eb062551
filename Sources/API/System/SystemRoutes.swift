import EventLoop
import HTTP
import JSON
import Storage
import Telemetry

/// The process itself: alive, ready, which version, which contract.
enum SystemRoutes {
    @Reactor
    static func ping(_ head: HTTPRequestHead, _ service: Service) throws -> Reply {
        var reply = Reply(.ok, pong)
        reply.isPrivate = false
        return reply
    }

    private static let pong = Array(#"{"success":true,"message":"pong"}"#.utf8)

    /// Alive: the loop turns. Says nothing of the database, so that its outage restarts no process.
    @Reactor
    static func health(_ head: HTTPRequestHead, _ service: Service) throws -> Reply {
        status("ok")
    }

    /// How far this machine's clock may stand from the database's.
    private static let skewLimit: Int64 = 2_000_000

    /// Ready for requests: the database answers, and its clock agrees with ours.
    @Reactor
    static func readiness(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        guard !service.isDraining else { throw notReady("draining") }
        guard let clock = try? await service.database.ping() else { throw notReady("database_unavailable") }
        guard abs(clock - service.clock.microseconds) <= skewLimit else { throw notReady("clock_skew") }
        return status("ready")
    }

    private static func notReady(_ word: String) -> Problem {
        var problem = Problem(.unavailable)
        problem.standing = word
        problem.retryAfter = 1
        return problem
    }

    private static func status(_ word: String) -> Reply {
        var json = JSONWriter()
        json.beginObject()
        json.member("success", true)
        json.member("status", word)
        json.endObject()
        return Reply(.ok, json.finish())
    }

    @Reactor
    static func version(_ head: HTTPRequestHead, _ service: Service) throws -> Reply {
        .data { json in
            json.beginObject()
            json.member("name", "leadwire")
            json.member("version", service.configuration.version)
            json.member("api", "v1")
            json.endObject()
        }
    }

    private static let contract = Array((EmbeddedDocument.files.first?.text ?? "{}").utf8)

    @Reactor
    static func document(_ head: HTTPRequestHead, _ service: Service) throws -> Reply {
        var reply = Reply(.ok, contract)
        reply.isPrivate = false
        reply.isResource = true
        return reply
    }

    /// The same document: every JSON text is YAML 1.2.
    @Reactor
    static func documentAsYAML(_ head: HTTPRequestHead, _ service: Service) throws -> Reply {
        var reply = try document(head, service)
        reply.contentType = "application/yaml"
        return reply
    }

    @Reactor
    static func metrics(_ head: HTTPRequestHead, _ service: Service) throws -> Reply {
        var reply = Reply(.ok, Array(Metrics.shared.render().utf8))
        reply.contentType = Metrics.contentType
        return reply
    }
}
