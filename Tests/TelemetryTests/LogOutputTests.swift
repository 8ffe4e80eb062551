import Glibc
import Testing

@testable import Telemetry

/// A pipe whose writing end does not block.
struct Pipe: ~Copyable {
    let reading: Int32
    let writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        for end in ends { try #require(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
        (reading, writing) = (ends[0], ends[1])
    }

    deinit {
        close(reading)
        close(writing)
    }

    func read(_ count: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let length = Glibc.read(reading, &buffer, count)
        return Array(buffer.prefix(max(length, 0)))
    }
}

@Suite("Log output") struct LogOutputTests {
    @Test func `a line reaches its descriptor whole`() throws {
        let pipe = try Pipe()
        let line = Array("{\"event\":\"x\"}\n".utf8)
        LogOutput.writeAll(line, to: pipe.writing)
        #expect(pipe.read(100) == line)
    }

    @Test func `a reader that does not read loses lines and holds up nobody`() throws {
        let pipe = try Pipe()
        let filler = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        while Glibc.write(pipe.writing, filler, filler.count) > 0 {}
        LogOutput.writeAll(Array("lost\n".utf8), to: pipe.writing)
        #expect(pipe.read(4096) == filler)
        LogOutput.writeAll(Array("kept\n".utf8), to: pipe.writing)
        var rest: [UInt8] = []
        while case let more = pipe.read(65_536), !more.isEmpty { rest += more }
        #expect(rest.suffix(5) == Array("kept\n".utf8))
        #expect(!rest.dropLast(5).contains(UInt8(ascii: "\n")))
    }
}
