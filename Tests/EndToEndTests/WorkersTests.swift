import Crypto
import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import Storage
import TestCertificates
import TestSupport
import Testing

@testable import leadwire

/// `leadwire serve --workers 2`, as real processes.
@Suite(.enabled(if: CommandRun.binary != nil, "leadwire is not built beside the tests"))
struct WorkersTests {
    @Test func `two workers answer, one that is killed is replaced, and both end in order`() async throws {
        try await Self.withServer { server in
            // Each to whoever has waited longest, though one of them could serve them all; how soon both have had their
            // share is the machine's affair.
            let before = server.pids.map(Self.sockets)
            let address = try #require(SocketAddress(ip: "127.0.0.1", port: UInt16(server.port)))
            var clients: [Int32] = []
            defer { for client in clients { Socket.close(client) } }
            var shares: [Int] = []
            while clients.count < 200, shares.isEmpty || shares.contains(where: { $0 < 5 }) {
                clients.append(try Socket.connect(to: address))
                try await Self.eventually {
                    shares = zip(server.pids.map(Self.sockets), before).map { $0 - $1 }
                    return shares.reduce(0, +) >= clients.count
                }
            }
            #expect(shares.allSatisfy { $0 >= 5 }, "\(shares)")
            for (one, other) in [(0, 1), (1, 0)] {
                try await server.freeze(server.pids[one])
                for _ in 1...3 { #expect(try await server.answers()) }
                server.thaw(server.pids[one])
                #expect(Self.isAlive(server.pids[other]))
            }
            kill(server.pids[0], SIGKILL)
            #expect(try await server.answers())
            await server.ready(3)
            #expect(try await server.answers())
            #expect(server.run.output.contains("signal 9"))
            try await server.freeze(server.pids[1])
            #expect(try await server.answers())
            server.thaw(server.pids[1])

            server.run.send(.terminate)
            #expect(await server.run.ended() == 0, "\(server.run.output)")
            for pid in server.pids { #expect(!Self.isAlive(pid)) }
        }
    }

    @Test func `a supervisor that is killed takes its workers and its database with it`() async throws {
        try await onReactor {
            let parent = try makeTemporaryFolder("workers")
            defer { try? FileManager.default.removeItem(atPath: parent) }
            let folder = parent + "/data"
            let run = try CommandRun(["serve", "--port", "0", "--workers", "2", "--data-dir", folder])
            let server = RunningServer(run, scheme: "http", client: HTTPClient())
            defer { server.client.close() }
            await server.ready(2)
            #expect(try await server.answers(), "\(run.output)")
            let database = Self.postmasters(under: parent)
            #expect(!database.isEmpty)
            run.send(.kill)
            #expect(await run.ended() == -SIGKILL)
            try await Self.eventually { (server.pids + database).allSatisfy { !Self.isAlive($0) } }

            // What is left behind does not keep the next run from starting.
            let again = try CommandRun(["serve", "--port", "0", "--workers", "2", "--data-dir", folder])
            #expect(await again.says("server.started"), "\(again.output)")
            again.send(.terminate)
            #expect(await again.ended() == 0, "\(again.output)")
            #expect(Self.postmasters(under: parent).isEmpty)
        }
    }

    @Test func `a session that one worker began is taken up by the other`() async throws {
        let authority = try TestAuthority()
        let certificate = try authority.issue(["IP:127.0.0.1"])
        let tls = ["LEADWIRE_TLS_CERT": certificate.chain, "LEADWIRE_TLS_KEY": certificate.key]
        try await Self.withServer(environment: tls, scheme: "https", trust: authority) { server in
            let session = authority.path("session")
            @Reactor func handshake(_ words: String...) async throws -> String {
                let peer = ["s_client", "-connect", "127.0.0.1:\(server.port)", "-tls1_2"]
                let client = try CommandRun(peer + words, path: "/usr/bin/openssl")
                _ = await client.ended()
                return client.output
            }
            try await server.freeze(server.pids[0])
            let first = try await handshake("-sess_out", session)
            #expect(first.contains("New, TLSv1.2"), "\(first)")
            server.thaw(server.pids[0])
            try await server.freeze(server.pids[1])
            let second = try await handshake("-sess_in", session)
            #expect(second.contains("Reused, TLSv1.2"), "\(second)")
            server.thaw(server.pids[1])

            // The files are read again by both, and the session is good all the same.
            server.run.send(.hangUp)
            try await Self.eventually {
                server.run.output.split(separator: "\n").count { $0.contains("tls.reloaded") } == 2
            }
            for pid in server.pids {
                try await server.freeze(pid)
                #expect(try await handshake("-sess_in", session).contains("Reused, TLSv1.2"))
                server.thaw(pid)
            }
            server.run.send(.terminate)
            #expect(await server.run.ended() == 0)
        }
    }

    @Test func `what no worker can do is told once, in words`() async throws {
        try await withTestDatabase { pool in
            var environment = [
                "DATABASE_URL": pool.configuration.connectionString,
                "LEADWIRE_SECRET_KEY": String(repeating: "ab", count: 32),
            ]
            let unready = try await CommandRun.run(
                ["serve", "--port", "0", "--workers", "2"], environment: environment)
            #expect(unready.0 == 1)
            #expect(unready.1.components(separatedBy: "leadwire migrate").count == 2, "\(unready.1)")

            let any = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
            let taken = try Socket.listen(on: any)
            defer { Socket.close(taken) }
            let port = try #require(Socket.localAddress(taken)).port
            let refused = try await CommandRun.run(
                ["serve", "--port", "\(port)", "--workers", "2"], environment: environment)
            #expect(refused.0 == 1)
            #expect(refused.1.contains("port \(port) is taken"), "\(refused.1)")

            environment["LEADWIRE_WORKERS"] = "0"
            environment["LEADWIRE_CA_FILE"] = "/nowhere/ca.pem"
            environment["LEADWIRE_PROXY"] = "proxy.test:3128"
            environment["LEADWIRE_PRIVATE_LINKS"] = "10.1.0.0/8"
            let (status, words) = try await CommandRun.run(["serve", "--port", "0"], environment: environment)
            #expect(status == 1)
            for name in ["LEADWIRE_WORKERS", "LEADWIRE_CA_FILE", "LEADWIRE_PROXY", "LEADWIRE_PRIVATE_LINKS"] {
                #expect(words.contains(name), "\(words)")
            }
        }
    }

    @Test func `authorities of a file are trusted besides the system's`() throws {
        let authority = try TestAuthority()
        #expect(try Settings(["LEADWIRE_CA_FILE": authority.file]).outgoing.trust == .systemAnd(authority.file))
        #expect(try Settings([:]).outgoing.trust == .system)
        #expect(throws: CommandError.self) { try Settings(["LEADWIRE_CA_FILE": authority.path("ca.key")]) }
    }
}

/// A supervisor with two workers, and a client of theirs.
@Reactor
private final class RunningServer {
    let run: CommandRun
    let client: HTTPClient
    private let scheme: String

    init(_ run: CommandRun, scheme: String, client: HTTPClient) {
        self.run = run
        self.scheme = scheme
        self.client = client
    }

    private func lines(_ event: String) -> [JSONValue] {
        run.output.split(separator: "\n").filter { $0.contains(event) }.compactMap {
            try? JSONParser.parse(Array($0.utf8))
        }
    }

    /// Of every worker that has ever been ready, in that order.
    var pids: [Int32] { lines("worker.ready").compactMap { $0["pid"]?.int64.map(Int32.init) } }

    var port: Int64 { lines("server.started").first?["port"]?.int64 ?? 0 }

    func ready(_ count: Int) async {
        _ = await run.says("server.started")
        try? await WorkersTests.eventually { self.pids.count >= count }
        #expect(pids.count == count, "\(run.output)")
    }

    /// Over a connection of its own.
    func answers() async throws -> Bool {
        let url = try #require(HTTPURL("\(scheme)://127.0.0.1:\(port)/ping"))
        let request = HTTPClientRequest(
            url: url, fields: ["Connection": "close"],
            deadlines: .init(connect: .seconds(30), firstByte: .seconds(30), total: .seconds(60)))
        return try await client.send(request).status == .ok
    }

    /// Keeps a worker from doing anything.
    func freeze(_ pid: Int32) async throws {
        kill(pid, SIGSTOP)
        try await WorkersTests.eventually { WorkersTests.state(of: pid) == "T" }
    }

    func thaw(_ pid: Int32) { kill(pid, SIGCONT) }
}

extension WorkersTests {
    fileprivate static func withServer(
        environment: [String: String] = [:], scheme: String = "http", trust authority: TestAuthority? = nil,
        _ body: @escaping @Reactor @Sendable (RunningServer) async throws -> Void
    ) async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            var all = environment
            all["DATABASE_URL"] = pool.configuration.connectionString
            all["LEADWIRE_SECRET_KEY"] = String(repeating: "ab", count: 32)
            let run = try CommandRun(["serve", "--port", "0", "--workers", "2"], environment: all)
            let trust = authority.map { HTTPClientConfiguration(trust: .file($0.file)) } ?? HTTPClientConfiguration()
            let server = RunningServer(run, scheme: scheme, client: HTTPClient(configuration: trust))
            await server.ready(2)
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(server))
            } catch {
                result = .failure(error)
            }
            server.client.close()
            for pid in server.pids where isAlive(pid) { server.thaw(pid) }
            run.send(.kill)
            _ = await run.ended()
            try await eventually { server.pids.allSatisfy { !isAlive($0) } }
            try result.get()
        }
    }

    /// One letter of `/proc/PID/stat`; nil when there is no such process.
    fileprivate static func state(of pid: Int32) -> Substring? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return nil }
        return text[text.index(after: text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ").first
    }

    /// Dead ones that nobody has asked after are dead.
    fileprivate static func isAlive(_ pid: Int32) -> Bool { state(of: pid).map { $0 != "Z" && $0 != "X" } ?? false }

    fileprivate static func sockets(of pid: Int32) -> Int {
        let folder = "/proc/\(pid)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.count { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
            return target?.hasPrefix("socket:") == true
        }
    }

    fileprivate static func postmasters(under folder: String) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { pid in
            guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return false }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            return words.first?.hasSuffix("postgres") == true && words.contains { $0.contains(folder) }
        }
    }

    /// Looks again with every few turns of the loop, for a minute at most.
    @Reactor
    fileprivate static func eventually(_ isSo: () -> Bool) async throws {
        let end = MonotonicTime.now + .seconds(60)
        while !isSo() {
            guard MonotonicTime.now < end else { throw StageError(what: "it never came to be") }
            await withCheckedContinuation { continuation in
                EventLoop.shared.schedule(after: .milliseconds(5)) { continuation.resume() }
            }
        }
    }
}
