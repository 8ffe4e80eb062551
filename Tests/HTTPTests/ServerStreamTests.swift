import EventLoop
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(10))) struct ServerStreamTests {
    @Test func `a stream leaves in chunks, and the connection serves on`() async throws {
        try await withServer(handler: { _ in
            HTTPResponse(
                body: .stream { writer in
                    try await writer.write(Array("hello ".utf8))
                    await Task.yield()
                    try await writer.write([])
                    try await writer.write(Array("world".utf8))
                })
        }) { _, port in
            let client = try RawClient(port: port)
            for _ in 0..<2 {
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try await client.receive(until: "0\r\n\r\n")
                #expect(answer.contains("Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n"))
            }
            try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try await client.receiveAll().hasSuffix("Transfer-Encoding: chunked\r\n\r\n"))
        }
    }

    @Test func `for HTTP 1 0 the end of the connection ends the stream`() async throws {
        try await withServer(handler: { _ in HTTPResponse(body: .stream { try await $0.write(Array("all".utf8)) }) }) {
            _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let answer = try await client.receiveAll()
            #expect(answer.hasSuffix("\r\n\r\nall"))
            #expect(answer.contains("Connection: close") && !answer.contains("Transfer-Encoding"))
        }
    }

    @Test func `a stream that fails is cut, so that no client takes it for whole`() async throws {
        struct Broken: Error {}
        try await withServer(handler: { _ in
            HTTPResponse(
                body: .stream { writer in
                    try await writer.write(Array("half".utf8))
                    throw Broken()
                })
        }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.wait { $0.hasEnded }
            #expect(!client.text.hasSuffix("0\r\n\r\n"))
            #expect(client.wasReset)
        }
    }

    @Test func `a stream waits for its reader, and learns when that is gone`() async throws {
        let written = Counter()
        let failed = Gate()
        try await withServer(handler: { _ in
            HTTPResponse(
                body: .stream { writer in
                    do {
                        for _ in 0..<1_000 {
                            try await writer.write([UInt8](repeating: 0x61, count: 100_000))
                            written.value += 1
                        }
                    } catch {
                        spawn { await failed.pass() }
                        throw error
                    }
                })
        }) { _, port in
            let client = try RawClient(port: port, isReading: false)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            while written.value == 0 { await nextTurn() }
            for _ in 0..<50 { await nextTurn() }
            // The kernel's buffers hold a few megabytes of the hundred.
            #expect(written.value < 500)
            failed.open()
            client.reset()
            await failed.waitForArrival()
        }
    }
}

@Reactor
private final class Counter {
    var value = 0
}
