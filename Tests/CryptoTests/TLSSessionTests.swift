import TestCertificates
import Testing

@testable import Crypto

@Suite struct TLSSessionTests {
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    private func pair(
        _ names: [String] = ["DNS:localhost", "IP:127.0.0.1", "IP:::1"], host: String = "localhost",
        validity: TestAuthority.Validity = .now
    ) throws -> TLSPair {
        let certificate = try authority.issue(names, validity: validity)
        return try TLSPair(
            client: TLSClientContext(trust: .file(authority.file)),
            server: TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key), host: host)
    }

    // MARK: Good connections

    @Test func `two sides shake hands, speak and part in good order`() throws {
        let pair = try pair()
        try pair.shakeHands()
        #expect(pair.client.version == "TLSv1.3")
        #expect(pair.client.applicationProtocol == "http/1.1")
        #expect(pair.server.serverName == "localhost")
        #expect(pair.client.write(Array("ping".utf8)) == 4)
        pair.deliver()
        #expect(pair.server.readText() == "ping")
        #expect(pair.server.write(Array("pong".utf8)) == 4)
        pair.server.sendCloseNotify()
        pair.deliver()
        #expect(pair.client.readText() == "pong")
        #expect(pair.client.readText() == nil)
        #expect(pair.client.read() == .end)
        #expect(pair.client.write([1]) == 1)
    }

    @Test(arguments: ["localhost", "localhost.", "127.0.0.1", "::1"])
    func `a host is verified by name or by address`(_ host: String) throws {
        let pair = try pair(host: host)
        try pair.shakeHands()
        #expect(pair.server.serverName == (host.hasPrefix("localhost") ? "localhost" : nil))
    }

    @Test func `a wildcard stands for one label`() throws {
        try pair(["DNS:*.example.com"], host: "a.example.com").shakeHands()
        for host in ["example.com", "a.b.example.com", "example.org"] {
            #expect(try pair(["DNS:*.example.com"], host: host).clientFailure()?.code == .hostMismatch)
        }
        #expect(try pair(["DNS:a*.example.com"], host: "ab.example.com").clientFailure()?.code == .hostMismatch)
    }

    @Test func `a megabyte each way arrives whole, however it is cut`() throws {
        let pair = try pair()
        try pair.shakeHands()
        let sent = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        for cut in [1_000, 16_384, 48_000] {
            let received = try pair.transfer(sent, from: pair.client, to: pair.server, cut: cut)
            #expect(received == sent)
            let answered = try pair.transfer(sent, from: pair.server, to: pair.client, cut: cut)
            #expect(answered == sent)
        }
    }

    @Test func `a second connection takes up the session of the first`() throws {
        let certificate = try authority.issue(["DNS:localhost"])
        let client = try TLSClientContext(trust: .file(authority.file))
        let server = try TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key)
        for (number, port) in [UInt16(443), 443, 8443].enumerated() {
            let pair = try TLSPair(client: client, server: server, host: "localhost", port: port)
            try pair.shakeHands()
            _ = pair.server.write([1])
            pair.deliver()
            #expect(pair.client.readText()?.utf8.count == 1)
            #expect(pair.client.isResumed == (number == 1))
            pair.client.sendCloseNotify()
        }
        // Another server behind the same name cannot open the ticket: the full handshake is made.
        let other = try TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key)
        let pair = try TLSPair(client: client, server: other, host: "localhost")
        try pair.shakeHands()
        #expect(!pair.client.isResumed)
    }

    // MARK: Refusals

    @Test(arguments: [
        (TestAuthority.Validity.past, TLSError.Code.certificateExpired), (.future, .certificateNotYetValid),
    ])
    func `a certificate out of its time is refused`(
        _ validity: TestAuthority.Validity, _ code: TLSError.Code
    ) throws {
        #expect(try pair(validity: validity).clientFailure()?.code == code)
    }

    @Test func `a certificate for another host is refused`() throws {
        #expect(try pair(["DNS:other.test"]).clientFailure()?.code == .hostMismatch)
        #expect(try pair(["DNS:localhost"], host: "127.0.0.1").clientFailure()?.code == .hostMismatch)
    }

    @Test func `a common name is no name of a host`() throws {
        let certificate = try authority.issue([], commonName: "localhost")
        let pair = try TLSPair(
            client: TLSClientContext(trust: .file(authority.file)),
            server: TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key),
            host: "localhost")
        #expect(pair.clientFailure()?.code == .hostMismatch)
    }

    @Test func `a certificate that signs itself, or of an unknown authority, is refused`() throws {
        let own = try authority.selfSigned(["DNS:localhost"])
        let foreign = try TestAuthority()
        let foreignOne = try foreign.issue(["DNS:localhost"])
        for certificate in [own, foreignOne] {
            for trust in [TLSClientContext.Trust.file(authority.file), .system] {
                let pair = try TLSPair(
                    client: TLSClientContext(trust: trust),
                    server: TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key),
                    host: "localhost")
                let failure = pair.clientFailure()
                #expect(failure?.code == .certificateNotTrusted)
                #expect(failure?.isOfCertificate == true)
            }
        }
    }

    @Test func `every link of the chain is verified`() throws {
        func failure(_ intermediate: TestAuthority.Certificate, host: String = "a.good.test") throws -> TLSError? {
            let certificate = try authority.issue(["DNS:\(host)"], under: intermediate)
            let pair = try TLSPair(
                client: TLSClientContext(trust: .file(authority.file)),
                server: TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key), host: host)
            return pair.clientFailure()
        }
        #expect(try failure(authority.intermediate()) == nil)
        #expect(try failure(authority.intermediate(validity: .past))?.code == .certificateExpired)
        // Not everyone who has a certificate may hand out others.
        #expect(try failure(authority.issue(["DNS:a.good.test"]))?.code == .certificateInvalid)
        let narrow = try authority.intermediate(constraints: "permitted;DNS:good.test")
        #expect(try failure(narrow) == nil)
        #expect(try failure(narrow, host: "a.evil.test")?.code == .certificateInvalid)
    }

    @Test func `the server learns that its certificate was refused`() throws {
        let pair = try pair(validity: .past)
        _ = pair.clientFailure()
        pair.deliver()
        guard case .failed(let error) = pair.server.handshake() else {
            Issue.record("the server did not hear of it")
            return
        }
        #expect(error.code == .handshake)
        #expect(error.detail?.contains("certificate expired") == true)
    }

    @Test func `what is no TLS ends the handshake`() throws {
        let pair = try pair()
        pair.server.receive(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        guard case .failed(let error) = pair.server.handshake() else {
            Issue.record("plain text was taken for a handshake")
            return
        }
        #expect(error == TLSError(.handshake, "http request"))
        #expect(pair.server.handshake() == .failed(error))
    }

    // MARK: Ends

    @Test func `an end without a word of it is told from one with it`() throws {
        let pair = try pair()
        try pair.shakeHands()
        _ = pair.server.write([1, 2, 3])
        pair.deliver()
        pair.client.endOfInput()
        #expect(pair.client.readText()?.utf8.count == 3)
        guard case .failed(let error) = pair.client.read() else {
            Issue.record("a cut was taken for an end")
            return
        }
        #expect(error.code == .closedWithoutNotify)
        #expect(pair.client.hasEnded)
    }

    @Test func `a changed byte is noticed and nothing of its record is given out`() throws {
        let pair = try pair()
        try pair.shakeHands()
        _ = pair.server.write(Array("secret".utf8))
        var bytes = pair.server.takeOutput()
        bytes[bytes.count - 1] ^= 1
        pair.client.receive(bytes)
        guard case .failed(let error) = pair.client.read() else {
            Issue.record("a changed record was read")
            return
        }
        #expect(error.code == .protocolViolation)
        #expect(pair.client.write([1]) == nil)
    }

    @Test func `nothing can be written before the handshake is done`() throws {
        let pair = try pair()
        #expect(pair.client.write([1]) == nil)
        #expect(pair.client.takeOutput().isEmpty)
    }

    @Test func `a failure leaves nothing in the queue that the next call would stumble over`() throws {
        let good = try pair()
        try good.shakeHands()
        _ = try pair(validity: .past).clientFailure()
        #expect(good.client.write([7]) == 1)
        good.deliver()
        #expect(good.server.readText()?.utf8.count == 1)
        #expect(good.server.read() == .wantsMore)
    }

    // MARK: Configuration

    @Test func `files that cannot be used are told`() throws {
        let one = try authority.issue(["DNS:a.test"])
        let two = try authority.issue(["DNS:b.test"])
        #expect(throws: TLSError.self) { try TLSClientContext(trust: .file(authority.path("none.pem"))) }
        #expect(throws: TLSError.self) { try TLSClientContext(trust: .file(one.key)) }
        #expect(throws: TLSError.self) { try TLSServerContext(certificateChain: one.key, privateKey: one.key) }
        #expect(throws: TLSError(.configuration, "the key cannot be used with the certificate: key values mismatch")) {
            try TLSServerContext(certificateChain: one.chain, privateKey: two.key)
        }
    }
}
