import COpenSSL
import TestCertificates
import Testing

@testable import Crypto

@Suite struct TLSTicketTests {
    private let authority: TestAuthority
    private let certificate: TestAuthority.Certificate

    init() throws {
        authority = try TestAuthority()
        certificate = try authority.issue(["DNS:localhost"])
    }

    private func server(_ keys: TLSTicketKeys?) throws -> TLSServerContext {
        let context = try TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key)
        if let keys { try context.use(keys) }
        return context
    }

    /// Whether a session begun with the first server is taken up by the second.
    private func isResumed(_ version: Int32, from first: TLSServerContext, by second: TLSServerContext) throws -> Bool {
        let client = try TLSClientContext(trust: .file(authority.file))
        SSL_CTX_ctrl(client.pointer, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(version), nil)
        var isResumed = false
        for server in [first, second] {
            let pair = try TLSPair(client: client, server: server, host: "localhost")
            try pair.shakeHands()
            _ = pair.server.write([1])
            pair.deliver()
            _ = pair.client.readText()
            isResumed = pair.client.isResumed
            pair.client.sendCloseNotify()
        }
        return isResumed
    }

    @Test(arguments: [TLS1_2_VERSION, TLS1_3_VERSION])
    func `servers with the same keys take up each other's sessions, others do not`(_ version: Int32) throws {
        let keys = TLSTicketKeys(drawnFor: 7)
        let same = try #require(TLSTicketKeys(secret: keys.secret, period: 7))
        #expect(try isResumed(version, from: server(keys), by: server(same)))
        #expect(try !isResumed(version, from: server(keys), by: server(TLSTicketKeys(drawnFor: 7))))
        #expect(try !isResumed(version, from: server(nil), by: server(nil)))
        var later = keys
        later.advance(to: 8)
        #expect(try !isResumed(version, from: server(keys), by: server(later)))
    }

    @Test func `keys move on alike wherever they are, and never back`() throws {
        var one = TLSTicketKeys(drawnFor: 100)
        var other = try #require(TLSTicketKeys(secret: one.secret, period: 100))
        let octets = one.octets
        #expect(octets.count == 80)
        one.advance(to: 103)
        for period in Int64(101)...103 { other.advance(to: period) }
        #expect(one.octets == other.octets)
        #expect(one.period == 103)
        #expect(one.octets != octets)
        one.advance(to: 100)
        #expect(one.octets == other.octets)
        #expect(TLSTicketKeys(secret: [1, 2, 3], period: 1) == nil)
    }

    @Test func `authorities of a file are trusted besides the system's`() throws {
        let pair = try TLSPair(
            client: TLSClientContext(trust: .systemAnd(authority.file)), server: server(nil), host: "localhost")
        try pair.shakeHands()
        #expect(throws: TLSError.self) { try TLSClientContext(trust: .systemAnd(authority.path("none.pem"))) }
    }

    @Test(arguments: ["", ".", ".localhost", "localhost\0.evil.test"])
    func `a host that would not be verified is refused`(_ host: String) throws {
        let client = try TLSClientContext(trust: .file(authority.file))
        #expect(throws: TLSError.self) { try TLSSession(client: client, host: host, port: 443) }
    }
}
