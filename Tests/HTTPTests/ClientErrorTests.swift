import COpenSSL
import EventLoop
import TestCertificates
import Testing

@testable import Crypto
@testable import HTTP

/// Every way in which a request comes to nothing, with the one thing that its caller must know.
@Suite struct ClientErrorTests {
    typealias Code = HTTPClientError.Code
    typealias Certainty = HTTPClientError.Certainty

    private static let patient = HTTPClientRequest.Deadlines(
        connect: .seconds(60), firstByte: .seconds(60), total: .seconds(60))

    /// What provokes an error: a server's script, the client's configuration, the request.
    struct Case: Sendable, CustomTestStringConvertible {
        let code: Code
        let certainty: Certainty
        var script: [ScriptedServer.Step] = []
        var configure: @Sendable (inout HTTPClientConfiguration) -> Void = { _ in }
        var scheme = "http"
        var deadlines = patient
        var isCancelled = false
        var streams = false
        /// Takes the only place in the pool first.
        var isSecond = false
        var testDescription: String { "\(code) \(certainty)" }
    }

    private static let short = Duration.milliseconds(80)
    /// Where something must have happened before, on a loop that other tests keep busy.
    private static let longer = Duration.seconds(6)

    static let cases: [Case] = [
        Case(code: .resolve, certainty: .notSent, configure: { $0.resolve = { _, _ in [] } }),
        Case(code: .resolve, certainty: .notSent, configure: { $0.resolve = { _, _ in throw CancellationError() } }),
        // Port 1 of loopback: nobody listens there.
        Case(
            code: .connect, certainty: .notSent,
            configure: { $0.resolve = { _, _ in [SocketAddress(ip: "127.0.0.1", port: 1)!] } }),
        Case(
            code: .connectTimeout, certainty: .notSent,
            configure: {
                $0.resolve = { _, _ in
                    try await Task.sleep(for: .seconds(600))
                    return []
                }
            }, deadlines: .init(connect: short)),
        Case(code: .connectTimeout, certainty: .notSent, scheme: "https", deadlines: .init(connect: short)),
        Case(code: .addressRefused, certainty: .notSent, configure: { $0.addressJudge = { _ in false } }),
        Case(
            code: .poolExhausted, certainty: .notSent, script: [.awaitRequest],
            configure: { $0.connectionsPerOrigin = 1 }, deadlines: .init(connect: short), isSecond: true),
        Case(code: .tlsHandshake, certainty: .notSent, script: [.send("no TLS")], scheme: "https"),
        Case(
            code: .tlsConfiguration, certainty: .notSent, configure: { $0.trust = .file("/nowhere") }, scheme: "https"),
        Case(code: .cancelled, certainty: .notSent, scheme: "https", isCancelled: true),
        Case(code: .cancelled, certainty: .unknown, script: [.awaitRequest], isCancelled: true),
        Case(
            code: .firstByteTimeout, certainty: .unknown, script: [.awaitRequest],
            deadlines: .init(connect: .seconds(60), firstByte: short, total: .seconds(60))),
        Case(
            code: .totalTimeout, certainty: .unknown, script: [.awaitRequest, .send("HTTP/1.1")],
            deadlines: .init(connect: .seconds(60), firstByte: .seconds(60), total: longer)),
        Case(
            code: .bodyTimeout, certainty: .unknown,
            script: [.awaitRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")],
            deadlines: .init(connect: .seconds(60), firstByte: longer, total: .seconds(60)), streams: true),
        Case(code: .reset, certainty: .unknown, script: [.awaitRequest, .reset]),
        Case(code: .closedEarly, certainty: .unknown, script: [.awaitRequest, .close]),
        Case(code: .malformedResponse, certainty: .unknown, script: [.awaitRequest, .send("HTTP/3 200\r\n")]),
        Case(
            code: .responseTooLarge, certainty: .unknown,
            script: [.awaitRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n")]),
    ]

    @Test func `every kind of error is here, but for certificates, texts that are no URL and bodies that give out`() {
        let elsewhere: Set<Code> = [.tlsCertificate, .invalidURL, .bodyUnreadable]
        #expect(Set(Self.cases.map(\.code)).union(elsewhere) == Set(Code.allCases))
        #expect(elsewhere.isDisjoint(with: Self.cases.map(\.code)))
    }

    @Test(arguments: cases)
    func `an error says what became of the request`(_ one: Case) async throws {
        var configuration = HTTPClientConfiguration()
        one.configure(&configuration)
        try await withScript([one.script], configuration: configuration) { [configuration] server, client in
            let host = configuration.resolve == nil ? "127.0.0.1" : "name.test"
            let url = try #require(HTTPURL("\(one.scheme)://\(host):\(server.port)/"))
            let request = HTTPClientRequest(method: .post, url: url, body: [1], deadlines: one.deadlines)
            if one.isSecond {
                var first = request
                first.deadlines = Self.patient
                let holder = spawn { [first] in await client.failure(first) }
                await server.received(1)
                #expect(await client.failure(request)?.kind == Kind(one.code, one.certainty))
                holder.cancel()
                _ = await holder.value
                return
            }
            let task = spawn { one.streams ? await client.streamFailure(request) : await client.failure(request) }
            if one.isCancelled {
                await server.taken(1)
                if one.certainty == .unknown { await server.received(1) }
                task.cancel()
            }
            let failure = await task.value
            #expect(failure?.kind == Kind(one.code, one.certainty))
            #expect(client.openConnections == 0)
        }
    }

    // MARK: TLS

    @Reactor
    private func failure(
        _ certificate: TestAuthority.Certificate, trusting authority: TestAuthority, _ context: TLSServerContext,
        plan: CuttingServer.Plan = CuttingServer.Plan()
    ) async throws -> HTTPClientError? {
        let server = try CuttingServer(plan, answer: ClientTests.ok, closesAfter: false, context: context)
        let client = HTTPClient(configuration: HTTPClientConfiguration(trust: .file(authority.file)))
        defer {
            client.close()
            server.close()
        }
        let failure = await client.failure(
            HTTPClientRequest(method: .post, url: server.url, body: [1], deadlines: Self.patient))
        #expect(client.openConnections == 0)
        return failure
    }

    @Test func `a certificate that nobody vouches for is met before a byte is sent`() async throws {
        let authority = try TestAuthority()
        let own = try authority.selfSigned(["IP:127.0.0.1"])
        try await onReactor {
            let context = try TLSServerContext(certificateChain: own.chain, privateKey: own.key)
            let failure = try await failure(own, trusting: authority, context)
            #expect(failure?.kind == Kind(.tlsCertificate, .notSent))
        }
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `a server that wants a certificate of the client's rejects the request`(_ version: Int32) async throws {
        let authority = try TestAuthority()
        let certificate = try authority.issue(["IP:127.0.0.1"])
        try await onReactor {
            let context = try TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key)
            SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
            SSL_CTX_ctrl(context.pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
            let failure = try await failure(certificate, trusting: authority, context)
            // In 1.3 the client is done with the handshake, and has sent, before the server looks.
            #expect(failure?.kind == Kind(.tlsHandshake, version == TLS1_2_VERSION ? .notSent : .rejected))
        }
    }
}

/// Of an error, what a caller decides by.
struct Kind: Hashable {
    let code: HTTPClientError.Code
    let certainty: HTTPClientError.Certainty

    init(_ code: HTTPClientError.Code, _ certainty: HTTPClientError.Certainty) {
        self.code = code
        self.certainty = certainty
    }
}

extension HTTPClientError {
    fileprivate var kind: Kind { Kind(code, certainty) }
}

extension HTTPClient {
    fileprivate func streamFailure(_ request: HTTPClientRequest) async -> HTTPClientError? {
        do throws(HTTPClientError) {
            let stream = try await open(request)
            while try await stream.body.read() != nil {}
            return nil
        } catch {
            return error
        }
    }
}
