import EventLoop
import Foundation
import Glibc
import Testing

@testable import HTTP

/// `http-echo` as a process of its own, where its limits can be taken from it.
@Suite(.timeLimit(.minutes(10))) struct EchoProcessTests {
    @Test func `the server outlives the want of descriptors, and serves those it has meanwhile`() async throws {
        try await onReactor {
            let echo = try await EchoProcess(openFiles: 24)
            let first = try RawClient(port: echo.port)
            try await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await first.receive(until: "OK")
            let crowd = try (0..<60).map { _ in try RawClient(port: echo.port) }
            for client in crowd { try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            let answered = { crowd.count { $0.text.hasSuffix("OK") } }
            // Connections are taken in the order in which they came.
            for client in crowd.prefix(5) { try await client.wait { $0.text.hasSuffix("OK") } }
            await settled(answered)
            #expect((5..<40).contains(answered()))
            try await first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await first.receive(until: "OK")
            // Each that leaves makes room for one that waits in the backlog.
            var left = crowd
            while !left.isEmpty {
                try await left[0].wait { $0.text.hasSuffix("OK") }
                left.removeFirst().close()
            }
            let late = try RawClient(port: echo.port)
            try await late.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await late.receive(until: "OK")
            late.close()
            first.close()
            echo.process.send(.terminate)
            #expect(await echo.process.waitForExit() == .status(0))
        }
    }
}

/// A running `http-echo`, on a port of the kernel's choice, with at most so many open files.
@Reactor
private final class EchoProcess: ReadinessHandler {
    let process: ChildProcess
    private(set) var port: UInt16 = 0
    private let output: Int32
    private var registration: Registration?
    private var said = ""
    private var waiter: CheckedContinuation<Void, Never>?

    init(openFiles: Int) async throws {
        // It stands beside the test bundle.
        let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: here).deletingLastPathComponent().appendingPathComponent("http-echo").path
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        output = ends[0]
        process = try ChildProcess(
            "/bin/sh", ["-c", "ulimit -n \(openFiles); exec \"$0\" 0", path], environment: [:], output: ends[1],
            deathSignal: .kill)
        Socket.close(ends[1])
        registration = try EventLoop.shared.register(output, .read, self)
        await withCheckedContinuation { waiter = $0 }
        port = try #require(said.split(separator: ":").last.flatMap { UInt16($0.dropLast()) })
    }

    func ready(_ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        switch buffer.withUnsafeMutableBytes({ Socket.read(output, into: $0) }) {
        case .bytes(let count): said += String(decoding: buffer[..<count], as: UTF8.self)
        case .wouldBlock: return
        case .end, .failed:
            if let registration { EventLoop.shared.deregister(registration) }
            registration = nil
            Socket.close(output)
        }
        guard said.hasSuffix("\n") || registration == nil else { return }
        let waiter = self.waiter
        self.waiter = nil
        waiter?.resume()
    }
}
