import COpenSSL
import EventLoop
import Glibc
import TestCertificates
import Testing

@testable import Crypto
@testable import HTTP

/// What TLS says to itself in the middle of an exchange.
@Suite struct ClientTLSTalkTests {
    private static let patient = HTTPClientRequest.Deadlines(
        connect: .seconds(60), firstByte: .seconds(60), total: .seconds(60))

    private let authority: TestAuthority
    private let certificate: TestAuthority.Certificate

    init() throws {
        authority = try TestAuthority()
        certificate = try authority.issue(["IP:127.0.0.1"])
    }

    private func context() throws -> TLSServerContext {
        try TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key)
    }

    @Test(arguments: Talk.allCases)
    func `a change of keys and a ticket within an answer change nothing of it`(_ talk: Talk) async throws {
        try await onReactor {
            let plan = CuttingServer.Plan(write: { session, answer in
                for octet in answer {
                    _ = [octet].withUnsafeBytes { session.write($0) }
                    talk.say(session)
                }
            })
            let server = try CuttingServer(plan, answer: ClientTests.ok, closesAfter: false, context: context())
            let client = HTTPClient(configuration: HTTPClientConfiguration(trust: .file(authority.file)))
            defer {
                client.close()
                server.close()
            }
            let response = try await client.send(HTTPClientRequest(url: server.url, deadlines: Self.patient))
            #expect(response.body == Array("hello".utf8))
            // The server has asked for new keys, and must be able to read with them.
            let again = HTTPClientRequest(method: .post, url: server.url, deadlines: Self.patient)
            let received = server.accounts[0].received
            let task = spawn { await client.failure(again) }
            await server.received(beyond: received)
            task.cancel()
            #expect(await task.value?.certainty == .unknown)
            #expect(server.accounts.count == 1)
        }
    }

    @Test func `a peer that asks for new keys without end, and reads nothing, is left`() async throws {
        try await onReactor {
            let (client, server) = try self.handshaken()
            // Of the two ends nobody reads the other.
            let (near, far) = try Self.socketPair()
            defer {
                Socket.close(near)
                Socket.close(far)
            }
            let transport = TLSTransport(over: SocketTransport(fd: near), session: client, isConnected: true)
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
            defer { room.deallocate() }
            var rounds = 0
            var outcome = Carriage.wouldBlock
            while case .wouldBlock = outcome, rounds < 2_000 {
                rounds += 1
                for _ in 0..<20 { Talk.newKeys.say(server) }
                let flood = server.takeOutput()
                guard case .bytes(flood.count) = flood.withUnsafeBytes({ Socket.write(far, $0) }) else { break }
                outcome = transport.read(into: room)
            }
            guard case .failed = outcome else {
                Issue.record("it was borne: \(outcome) after \(rounds)")
                return
            }
        }
    }

    @Test func `what a request left half out does not go out when its connection is closed`() async throws {
        try await onReactor {
            let (client, server) = try self.handshaken()
            let (near, far) = try Self.socketPair()
            defer { Socket.close(far) }
            let transport = TLSTransport(over: SocketTransport(fd: near), session: client, isConnected: true)
            let request = [UInt8](repeating: 1, count: 4 << 20)
            var written = 0
            while case .bytes(let count) = request.withUnsafeBytes({
                transport.write(UnsafeRawBufferPointer(rebasing: $0[written...]))
            }) { written += count }
            #expect(written < request.count)
            var arrived = Self.drain(far, into: server)
            transport.close()
            arrived += Self.drain(far, into: server)
            #expect(arrived == written)
        }
    }

    @Reactor
    private func handshaken() throws -> (TLSSession, TLSSession) {
        let client = try TLSSession(client: TLSClientContext(trust: .file(authority.file)), host: "127.0.0.1", port: 1)
        let server = try TLSSession(server: context())
        for _ in 0..<5 {
            _ = client.handshake()
            client.takeOutput().withUnsafeBytes { server.receive($0) }
            _ = server.handshake()
            server.takeOutput().withUnsafeBytes { client.receive($0) }
        }
        #expect(client.handshake() == .done)
        return (client, server)
    }

    /// How much plaintext has come.
    private static func drain(_ fd: Int32, into session: TLSSession) -> Int {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
        defer { room.deallocate() }
        var total = 0
        while case .bytes(let count) = Socket.read(fd, into: room) {
            session.receive(UnsafeRawBufferPointer(rebasing: room[..<count]))
            while case .bytes(let count) = session.read(into: room) { total += count }
        }
        return total
    }

    private static func socketPair() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0 else {
            throw SystemError("socketpair", code: errno)
        }
        return (ends[0], ends[1])
    }
}

extension ClientTLSTalkTests {
    /// What a TLS 1.3 server may say at any time.
    enum Talk: Sendable, CaseIterable {
        case newKeys, ticket

        func say(_ session: TLSSession) {
            switch self {
            case .newKeys: SSL_key_update(session.ssl, SSL_KEY_UPDATE_REQUESTED)
            case .ticket: SSL_new_session_ticket(session.ssl)
            }
            SSL_do_handshake(session.ssl)
        }
    }
}
