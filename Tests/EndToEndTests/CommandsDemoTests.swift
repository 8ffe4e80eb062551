import EventLoop
import Foundation
import HTTP
import JSON
import TestSupport
import Testing

/// `leadwire demo`, from its first run to its third.
@Suite(.enabled(if: CommandRun.binary != nil, "leadwire is not built beside the tests"))
struct CommandsDemoTests {
    private static let ready = "Ctrl-C ends everything."

    /// `demo.env`, as a shell would read it.
    private static func variables(_ folder: String) throws -> [String: String] {
        let text = try String(contentsOfFile: folder + "/demo.env", encoding: .utf8)
        var variables: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
        }
        return variables
    }

    /// Living processes whose command line names this folder.
    private static func processes(in folder: String) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { pid in
            guard pid != getpid(), let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else {
                return false
            }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            // The watcher that clears up after the tests names folders too, and is none of the demo's.
            return words.first?.hasSuffix("sh") == false && words.contains { $0.hasPrefix(folder) }
        }
    }

    @Reactor
    private static func ask(
        _ method: HTTPMethod, _ url: String, key: String? = nil, body: JSONValue? = nil
    ) async throws -> (Int, JSONValue) {
        let client = HTTPClient()
        defer { client.close() }
        var fields: HTTPFields = [:]
        if let key { fields["X-API-Key"] = key }
        if body != nil { fields["Content-Type"] = "application/json" }
        let request = HTTPClientRequest(
            method: method, url: try #require(HTTPURL(url)), fields: fields, body: body?.serialized() ?? [])
        let response = try await client.send(request)
        return (response.status.code, try JSONParser.parse(response.body))
    }

    @Reactor
    private static func start(
        in folder: String, path: String? = nil, identity: ChildProcess.Identity? = nil
    ) async throws -> CommandRun {
        let run = try CommandRun(["demo", "--port", "0", "--data-dir", folder], path: path, identity: identity)
        let isReady = await run.says(ready)
        #expect(isReady, "\(run.output)")
        return run
    }

    @Test func `the demo starts, serves, ends, remembers, and survives being killed`() async throws {
        try await onReactor {
            let parent = try makeTemporaryFolder("demo")
            defer { try? FileManager.default.removeItem(atPath: parent) }
            let folder = parent + "/data"
            let first = try await Self.start(in: folder)
            let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/demo.env")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let variables = try Self.variables(folder)
            #expect(
                Set(variables.keys) == [
                    "LEADWIRE_URL", "LEADWIRE_API_KEY", "LEADWIRE_READ_KEY", "LEADWIRE_OTHER_KEY",
                    "LEADWIRE_SIMULATOR_URL",
                ])
            let lead = try await Self.use(variables)
            #expect(!Self.processes(in: folder).isEmpty)
            first.send(.interrupt)
            #expect(await first.ended() == 0)
            #expect(first.output.contains("Stopped."))
            #expect(Self.processes(in: folder).isEmpty)

            let second = try await Self.start(in: folder)
            var again = try Self.variables(folder)
            for key in ["LEADWIRE_API_KEY", "LEADWIRE_READ_KEY", "LEADWIRE_OTHER_KEY"] {
                #expect(again[key] == variables[key], "\(key)")
            }
            #expect(try await Self.reads(lead, again))
            second.send(.kill)
            #expect(await second.ended() == -SIGKILL)

            let third = try await Self.start(in: folder)
            again = try Self.variables(folder)
            #expect(again["LEADWIRE_API_KEY"] == variables["LEADWIRE_API_KEY"])
            #expect(try await Self.reads(lead, again))
            third.send(.terminate)
            #expect(await third.ended() == 0)
            #expect(Self.processes(in: folder).isEmpty)
        }
    }

    /// A send and its arrival, each key's limits; a lead made for the next run to find.
    @Reactor
    private static func use(_ variables: [String: String]) async throws -> Int64 {
        let url = try #require(variables["LEADWIRE_URL"])
        let (simulator, key) = (variables["LEADWIRE_SIMULATOR_URL"] ?? "", variables["LEADWIRE_API_KEY"])
        let (sent, answer) = try await ask(
            .post, "\(url)/api/v1/leads/1/send-whatsapp-template", key: key,
            body: ["template_id": 1, "variables": ["Ana", "proposta", "10/07"]])
        #expect(sent == 201, "\(answer)")
        let (_, phone) = try await ask(.get, "\(simulator)/_simulator/messages?to=%2B5511987651001")
        #expect(phone["messages"]?[0]?["text"] == "Olá Ana, sua proposta está agendada para 10/07.")
        #expect(
            try await ask(.post, "\(url)/api/v1/leads", key: variables["LEADWIRE_READ_KEY"], body: ["name": "x"]).0
                == 403)
        #expect(try await ask(.get, "\(url)/api/v1/leads/1", key: variables["LEADWIRE_READ_KEY"]).0 == 200)
        #expect(try await ask(.get, "\(url)/api/v1/leads/1", key: variables["LEADWIRE_OTHER_KEY"]).0 == 404)
        let (made, lead) = try await ask(.post, "\(url)/api/v1/leads", key: key, body: ["name": "Lembra de mim"])
        #expect(made == 201)
        return try #require(lead["data"]?["id"]?.int64)
    }

    @Reactor
    private static func reads(_ lead: Int64, _ variables: [String: String]) async throws -> Bool {
        let url = try #require(variables["LEADWIRE_URL"])
        let (status, answer) = try await ask(
            .get, "\(url)/api/v1/leads/\(lead)", key: variables["LEADWIRE_API_KEY"])
        return status == 200 && answer["data"]?["name"] == "Lembra de mim"
    }

    @Test func `a taken port and a folder in use are told in words`() async throws {
        try await onReactor {
            let parent = try makeTemporaryFolder("demo")
            defer { try? FileManager.default.removeItem(atPath: parent) }
            let running = try await Self.start(in: parent + "/a")
            let port = try #require(Self.variables(parent + "/a")["LEADWIRE_URL"]?.split(separator: ":").last)
            let (same, folderWords) = try await CommandRun.run(["demo", "--port", "0", "--data-dir", parent + "/a"])
            #expect(same == 1)
            #expect(folderWords.contains(parent + "/a"), "\(folderWords)")
            let (taken, portWords) = try await CommandRun.run(
                ["demo", "--port", String(port), "--data-dir", parent + "/b"])
            #expect(taken == 1)
            #expect(portWords.contains("port \(port) is taken"), "\(portWords)")
            #expect(Self.processes(in: parent + "/b").isEmpty)
            running.send(.interrupt)
            #expect(await running.ended() == 0)
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
    func `the demo runs for a user who is not root`() async throws {
        try await onReactor {
            guard let identity = ChildProcess.Identity(named: "nobody"), let binary = CommandRun.binary else { return }
            let parent = try makeTemporaryFolder("demo")
            defer { try? FileManager.default.removeItem(atPath: parent) }
            // Reachable for that user, wherever it was built.
            let copy = parent + "/leadwire"
            try FileManager.default.copyItem(atPath: binary, toPath: copy)
            let probe = try CommandRun(["version"], path: copy, identity: identity)
            // A toolchain that only root can read is no fault of the demo.
            guard await probe.ended() == 0 else { return }
            let folder = parent + "/data"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            #expect(chown(folder, identity.user, identity.group) == 0)
            let run = try await Self.start(in: folder, path: copy, identity: identity)
            _ = try await Self.use(Self.variables(folder))
            run.send(.interrupt)
            #expect(await run.ended() == 0)
            #expect(Self.processes(in: folder).isEmpty)
        }
    }
}
