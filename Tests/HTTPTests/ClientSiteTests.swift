import EventLoop
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(10))) struct ClientSiteTests {
    @Test(arguments: [
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
        // RFC 4291 § 2.5.1: the last 64 bits are the host's own.
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ("::1", "::2", true),
        // RFC 4291 § 2.5.6: a link has one /64 for all of its hosts.
        ("fe80::1", "fe80::2", false), ("fe80::1%eth0", "fe80::1%eth0", true), ("febf::1", "febf::2", false),
        ("fec0::1", "fec0::2", true), ("unix", "unix", true),
    ])
    func `an IPv6 client is its 64-bit network, an IPv4 client its address`(
        _ one: String, _ other: String, _ areSame: Bool
    ) {
        #expect((ClientSite(one) == ClientSite(other)) == areSame)
    }

    @Test func `connections of one network are bounded together over IPv6 too`() async throws {
        try await onReactor {
            var configuration = HTTPServerConfiguration()
            configuration.connectionsPerAddress = 1
            configuration.trustedPeers = []
            let server = HTTPServer(configuration: configuration, handler: echo)
            guard let port = try? server.start(host: "::1", port: 0) else { return }
            let first = try RawClient(port: port, host: "::1")
            while server.connectionCount == 0 { await nextTurn() }
            let second = try RawClient(port: port, host: "::1")
            #expect(try await second.receiveAll().hasPrefix("HTTP/1.1 503 "))
            first.close()
            while server.connectionCount > 0 { await nextTurn() }
            let third = try RawClient(port: port, host: "::1")
            try await third.send("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n")
            _ = try await third.receive(until: "GET / .")
            third.close()
            await server.stop(deadline: .zero)
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.0/8", "::ffff:10.1.2.3", true),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false), ("192.0.2.6/31", "192.0.2.7", true),
        ("192.0.2.6/31", "192.0.2.8", false), ("::FFFF:c000:207", "192.0.2.7", true), ("0.0.0.0/0", "192.0.2.7", true),
        ("0.0.0.0/0", "::1", false), ("2001:db8:0::/48", "2001:db8::0007", true),
        ("2001:db8::/48", "2001:db9::", false),
        ("::1", "0:0:0:0:0:0:0:1", true), ("fe80::/10", "fe80::1%eth0", true), ("10.0.0.0/8", "unix", false),
    ])
    func `a range holds the addresses of its prefix`(_ range: String, _ address: String, _ isInside: Bool) throws {
        #expect(try #require(AddressRange(range)).contains(address) == isInside)
    }

    @Test(arguments: [
        "", "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/8/8",
        "10.0.0",
        "2001:db8::/129", "2001:db8::1/64", " 10.0.0.1", "/8",
    ])
    func `what is no range, or means another than it says, is none`(_ text: String) {
        #expect(AddressRange(text) == nil)
    }
}
