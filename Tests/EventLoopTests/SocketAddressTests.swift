import Testing

@testable import EventLoop

@Suite struct SocketAddressTests {
    @Test(arguments: ["127.0.0.1", "::1", "::ffff:1.2.3.4", "2001:db8::1"])
    func `a numeric address is taken`(_ text: String) { #expect(SocketAddress(ip: text, port: 80)?.port == 80) }

    @Test(arguments: [
        "", "localhost", "127.0.0.1 ", "127.1", "[::1]", "::1%eth0", "127.0.0.1\u{0}", "::1\u{0}.evil.example",
    ])
    func `what is more or less than a numeric address is none`(_ text: String) {
        #expect(SocketAddress(ip: text, port: 80) == nil)
    }
}
