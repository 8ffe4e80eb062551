import HTTP
import Testing

@testable import Simulator

@Suite struct WireTests {
    private func read(_ pieces: [[UInt8]]) -> [HTTPRequest] {
        var reader = RequestReader(peer: "127.0.0.1")
        var requests: [HTTPRequest] = []
        for piece in pieces {
            piece.withUnsafeBytes { reader.append($0) }
            while case .request(let request, _) = reader.next() { requests.append(request) }
        }
        return requests
    }

    private static let two = Array(
        ("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
            + "POST /d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n")
            .utf8)

    @Test func `requests come out alike however the bytes are split`() {
        let whole = read([Self.two])
        #expect(whole.map(\.path) == ["/a", "/d"])
        #expect(whole.map { String(decoding: $0.body, as: UTF8.self) } == ["hello", "abcde"])
        for cut in 1..<Self.two.count {
            let split = read([Array(Self.two[..<cut]), Array(Self.two[cut...])])
            #expect(split.map(\.path) == ["/a", "/d"], "cut at \(cut)")
            #expect(split.map(\.body) == whole.map(\.body), "cut at \(cut)")
        }
        #expect(read(Self.two.map { [$0] }).map(\.body) == whole.map(\.body))
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/3\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    ])
    func `what is no request is refused`(_ text: String) {
        var reader = RequestReader(peer: "")
        Array(text.utf8).withUnsafeBytes { reader.append($0) }
        guard case .malformed = reader.next() else {
            Issue.record("read")
            return
        }
    }

    @Test func `a connection serves one request after another`() async throws {
        try await World.run { world async throws in
            let one = "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"
            let last = "GET /ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let outcome = try await WireClient.exchange(one + one + last, port: world.port, untilClosed: true)
            guard case .cut(let octets) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let text = String(decoding: octets, as: UTF8.self)
            #expect(text.split(separator: #"{"message":"pong"}"#, omittingEmptySubsequences: false).count == 4)
            #expect(text.split(separator: "Connection: close", omittingEmptySubsequences: false).count == 2)
        }
    }

    @Test func `paths and queries are decoded`() {
        let target = RequestTarget(
            HTTPRequest(method: .get, target: "/api/sales/chats/55%40c.us/x?phone=%2B55&name=a+b&empty"))
        #expect(target.segments == ["api", "sales", "chats", "55@c.us", "x"])
        #expect(target["phone"] == "+55")
        #expect(target["name"] == "a b")
        #expect(target["empty"] == "")
        #expect(target["none"] == nil)
    }
}
