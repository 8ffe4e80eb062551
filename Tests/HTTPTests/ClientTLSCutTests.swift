import Crypto
import EventLoop
import TestCertificates
import Testing

@testable import HTTP

@Suite struct ClientTLSCutTests {
    private static let framed = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    private static let untilClose = "HTTP/1.1 200 OK\r\n\r\nhello"

    /// For thousands of turns of a loop that other tests keep busy.
    private static let patient = HTTPClientRequest.Deadlines(
        connect: .seconds(60), firstByte: .seconds(60), total: .seconds(60))

    private let authority: TestAuthority
    private let certificate: TestAuthority.Certificate

    init() throws {
        authority = try TestAuthority()
        certificate = try authority.issue(["IP:127.0.0.1"])
    }

    /// A server of this plan and a client that knows no session yet, for the length of `body`.
    @Reactor
    private func with<Value>(
        _ plan: CuttingServer.Plan, _ answer: String, _ context: TLSServerContext,
        _ body: (CuttingServer, HTTPClient) async throws -> Value
    ) async throws -> Value {
        let server = try CuttingServer(
            plan, answer: answer, closesAfter: answer == Self.untilClose, context: context)
        let client = HTTPClient(configuration: HTTPClientConfiguration(trust: .file(authority.file)))
        defer {
            client.close()
            server.close()
        }
        return try await body(server, client)
    }

    private func context() throws -> TLSServerContext {
        try TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key)
    }

    @Test func `the word of the end is enough, before the connection itself ends`() async throws {
        try await onReactor {
            try await with(CuttingServer.Plan(), Self.untilClose, context()) { server, client in
                let response = try await client.send(HTTPClientRequest(url: server.url))
                #expect(response.body == Array("hello".utf8))
                await server.hungUp(1)
            }
        }
    }

    @Test(arguments: [framed, untilClose])
    func `an exchange that drips byte by byte comes to its end`(_ answer: String) async throws {
        try await onReactor {
            try await with(CuttingServer.Plan(drips: true), answer, context()) { server, client in
                let response = try await client.send(HTTPClientRequest(url: server.url, deadlines: Self.patient))
                #expect(response.body == Array("hello".utf8))
                #expect(client.openConnections == (answer == Self.framed ? 1 : 0))
            }
        }
    }

    /// Each byte is the last of one connection or another; each of the answer's, before a close and before a reset.
    @Test(arguments: [(framed, CuttingServer.Ending.close), (untilClose, .reset)])
    func `a connection that ends at any byte gives no answer, and the truth of what was sent`(
        _ answer: String, _ evenEnding: CuttingServer.Ending
    ) async throws {
        try await onReactor {
            let context = try context()
            let whole = try await with(CuttingServer.Plan(), answer, context) { server, client in
                _ = try await client.send(HTTPClientRequest(method: .post, url: server.url))
                return try #require(server.accounts.first)
            }
            // Signatures differ in length by a byte or two from one handshake to the next.
            // The two cases share what comes before the answer: handshake and tickets.
            let places = (0..<whole.sent + 4).filter { place in
                place >= whole.sent - 130 || (place / 2).isMultiple(of: 2) == (answer == Self.framed)
            }
            for allowance in places {
                let ending =
                    (allowance.isMultiple(of: 2) == (evenEnding == .close)) ? CuttingServer.Ending.close : .reset
                let plan = CuttingServer.Plan(allowance: allowance, ending: ending)
                try await with(plan, answer, context) { server, client in
                    let failure = await client.failure(
                        HTTPClientRequest(method: .post, url: server.url, deadlines: Self.patient))
                    let account = server.accounts.first ?? CuttingServer.Account()
                    #expect((failure == nil) == account.isComplete, "after \(allowance) of \(whole.sent)")
                    guard let failure else { return }
                    #expect(client.openConnections == 0)
                    if failure.certainty == .notSent { #expect(account.received == 0) }
                    if allowance < whole.flight - 4 {
                        #expect(failure.certainty == .notSent)
                        #expect([.tlsHandshake, .connect].contains(failure.code), "\(failure) after \(allowance)")
                    } else {
                        #expect(
                            [.closedEarly, .reset, .tlsHandshake, .connect].contains(failure.code),
                            "\(failure) after \(allowance) of \(whole) \(account)")
                    }
                }
            }
        }
    }

    @Test func `a connection that stalls at any place meets a deadline, and is closed`() async throws {
        try await onReactor {
            let context = try context()
            let places = Array(stride(from: 0, to: 1_400, by: 70))
            let tasks = places.map { place in
                spawn { await self.stall(at: place, context) }
            }
            for task in tasks {
                let failure = try await task.value.get()
                #expect(
                    [.connectTimeout, .firstByteTimeout, .totalTimeout].contains(failure?.code), "\(failure as Any)")
            }
        }
    }

    /// Returns once the server has seen the client leave.
    @Reactor
    private func stall(at place: Int, _ context: TLSServerContext) async -> Result<HTTPClientError?, any Error> {
        let deadlines = HTTPClientRequest.Deadlines(
            connect: .milliseconds(400), firstByte: .milliseconds(400), total: .milliseconds(700))
        do {
            return .success(
                try await with(CuttingServer.Plan(allowance: place), Self.untilClose, context) { server, client in
                    let failure = await client.failure(
                        HTTPClientRequest(method: .post, url: server.url, deadlines: deadlines))
                    #expect(client.openConnections == 0)
                    await server.hungUp(1)
                    return failure
                })
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [100, 600])
    func `cancelling during the handshake closes the connection at once`(_ allowance: Int) async throws {
        try await onReactor {
            try await with(CuttingServer.Plan(allowance: allowance), Self.framed, context()) { server, client in
                let url = server.url
                let task = spawn { await client.failure(HTTPClientRequest(method: .post, url: url)) }
                await server.exhausted()
                task.cancel()
                let failure = await task.value
                #expect(failure?.code == .cancelled)
                #expect(failure?.certainty == .notSent)
                #expect(client.openConnections == 0)
                await server.hungUp(1)
            }
        }
    }

    @Test func `a server that reads nothing of a long body meets the first byte's deadline`() async throws {
        try await onReactor {
            try await with(CuttingServer.Plan(), Self.framed, context()) { server, client in
                _ = try await client.send(HTTPClientRequest(url: server.url))
                server.stopReading()
                let failure = await client.failure(
                    HTTPClientRequest(
                        method: .post, url: server.url, body: [UInt8](repeating: 1, count: 16 << 20),
                        deadlines: HTTPClientRequest.Deadlines(firstByte: .milliseconds(60))))
                #expect(failure?.code == .firstByteTimeout)
                #expect(failure?.certainty == .unknown)
                #expect(client.openConnections == 0)
            }
        }
    }
}
