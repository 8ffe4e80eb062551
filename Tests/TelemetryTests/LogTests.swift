import JSON
import Testing

@testable import Telemetry

/// Keeps lines instead of writing them.
final class LineRecorder: Sendable {
    private let recorded = Locked<[[UInt8]]>([])

    func record(_ line: [UInt8]) { recorded.withLock { $0.append(line) } }

    var lines: [[UInt8]] { recorded.withLock { $0 } }

    /// The last line as a tree, which must be whole and end as a line does.
    func last() throws -> JSONObject {
        let line = try #require(lines.last)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(line.count { $0 == UInt8(ascii: "\n") } == 1)
        return try #require(try JSONParser.parse(line).object)
    }
}

@Suite("The log") struct LogTests {
    let recorder = LineRecorder()

    func log(_ level: LogLevel = .debug) -> Log {
        let recorder = recorder
        return Log(level: level, output: LogOutput { recorder.record($0) }, context: [:]) {
            LogInstant(milliseconds: 1_767_323_045_678)
        }
    }

    @Test func `an event is one JSON line with its fields in order`() throws {
        log().info("server.started", ["port": 8080, "share": 0.5, "tls": false, "host": "a\n\"b\""])
        let expected =
            #"{"time":"2026-01-02T03:04:05.678Z","level":"info","event":"server.started","#
            + #""port":8080,"share":0.5,"tls":false,"host":"a\n\"b\""}"# + "\n"
        #expect(recorder.lines.map { String(decoding: $0, as: UTF8.self) } == [expected])
    }

    @Test func `strings are redacted and integers are not`() throws {
        let id: Int64 = 5_511_987_654_321
        log().info("lead.seen", ["id": .int(id), "text": "call 5511987654321", "key": "crm_secret"])
        let line = try recorder.last()
        #expect(line["id"]?.int64 == id)
        #expect(line["text"] == "call +***")
        #expect(line["key"] == "crm_***")
    }

    @Test(arguments: LogLevel.allCases)
    func `events below the level are not written`(_ level: LogLevel) throws {
        let log = log(level)
        log.debug("a")
        log.info("a")
        log.warning("a")
        log.error("a")
        let written = try recorder.lines.map { try JSONParser.parse($0)["level"]?.string }
        #expect(written == LogLevel.allCases.filter { $0 >= level }.map(\.rawValue))
    }

    @Test func `fields of an event below the level are not even made`() {
        var made = 0
        func field() -> LogField {
            made += 1
            return 1
        }
        log(.info).debug("quiet", ["n": field()])
        #expect(made == 0)
        log(.debug).debug("loud", ["n": field()])
        #expect(made == 1)
    }

    @Test func `context goes on every line, and the event's own fields win`() throws {
        let log = log().with(["request_id": "r1", "worker": 1]).with(["worker": 2])
        log.info("x", ["request_id": "r2"])
        let line = try recorder.last()
        #expect(line["request_id"] == "r2")
        #expect(line["worker"] == 2)
        #expect(line.keys == ["time", "level", "event", "request_id", "worker"])
    }

    @Test func `a field cannot take the place of the line's own members`() throws {
        log().info("x", ["time": "never", "level": 1, "event": true])
        let line = try recorder.last()
        #expect(line["time"] == "2026-01-02T03:04:05.678Z")
        #expect(line["time_"] == "never")
        #expect(line["level"] == "info")
        #expect(line["event"] == "x")
    }

    @Test func `output can be redirected and restored`() {
        let log = log()
        let other = LineRecorder()
        let previous = log.output.redirect { other.record($0) }
        log.info("a")
        log.output.redirect(to: previous)
        log.info("b")
        #expect(other.lines.count == 1)
        #expect(recorder.lines.count == 1)
    }

    @Test func `lines of many tasks stay whole`() async throws {
        let log = log()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for index in 0..<50 { log.info("busy", ["task": .int(task), "index": .int(index)]) } }
            }
        }
        #expect(recorder.lines.count == 400)
        for line in recorder.lines { #expect(throws: Never.self) { try JSONParser.parse(line) } }
    }

    @Test func `a setting names a level in any case`() {
        #expect(LogLevel(setting: "WARNING") == .warning)
        #expect(LogLevel(setting: "debug") == .debug)
        #expect(LogLevel(setting: "loud") == nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999, "2000-02-29T23:59:59.999Z"), (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_735_689_599_007, "2024-12-31T23:59:59.007Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `an instant is RFC 3339 with milliseconds`(_ milliseconds: Int64, _ text: String) {
        #expect(LogInstant(milliseconds: milliseconds).text == text)
    }

    @Test func `the clock is the wall's`() {
        let earlier = LogInstant.now().milliseconds
        #expect(earlier > 1_700_000_000_000)
        #expect(LogInstant.now().milliseconds >= earlier)
    }
}
