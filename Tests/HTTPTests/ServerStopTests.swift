import EventLoop
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(10))) struct ServerStopTests {
    @Test func `stopping answers what is under way, closes what is idle, and accepts no more`() async throws {
        let gate = Gate()
        try await withServer(handler: { _ in
            await gate.pass()
            return HTTPResponse(body: .text("answered"))
        }) { server, port in
            let idle = try RawClient(port: port)
            let busy = try RawClient(port: port)
            try await busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await gate.waitForArrival()
            while server.connectionCount < 2 { await nextTurn() }
            let stopped = spawn { await server.stop(deadline: .seconds(20)) }
            #expect(try await idle.receiveAll() == "")
            #expect(server.connectionCount == 1)
            gate.open()
            let answer = try await busy.receiveAll()
            #expect(answer.hasSuffix("answered") && answer.contains("Connection: close\r\n"))
            busy.close()
            await stopped.value
            let late = try RawClient(port: port)
            try await late.wait { $0.hasEnded }
            #expect(late.wasReset)
        }
    }

    @Test func `at the deadline what is left is cut off`() async throws {
        let gate = Gate()
        try await withServer(handler: { _ in
            await gate.pass()
            return HTTPResponse()
        }) { server, port in
            let stuck = try RawClient(port: port)
            try await stuck.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await gate.waitForArrival()
            let half = try RawClient(port: port)
            try await half.send("GET / HTTP/1.1\r\n")
            while server.connectionCount < 2 { await nextTurn() }
            for _ in 0..<3 { await nextTurn() }
            let stopped = spawn { await server.stop(deadline: .milliseconds(30)) }
            #expect(try await half.receiveAll().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            half.close()
            try await stuck.wait { $0.hasEnded }
            #expect(stuck.wasReset)
            await stopped.value
            gate.open()
        }
    }

    @Test func `a port that is taken is an error`() async throws {
        try await withServer { _, port in
            let second = HTTPServer(handler: echo)
            let error = #expect(throws: SystemError.self) { try second.start(host: "127.0.0.1", port: port) }
            #expect(error?.isAddressInUse == true)
            #expect(throws: SystemError.self) { try second.start(host: "localhost", port: 0) }
        }
    }
}
