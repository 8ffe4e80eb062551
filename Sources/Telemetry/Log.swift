import Glibc
import JSON

/// Writes events as one JSON line each.
package struct Log: Sendable {
    /// The process's log, at the level of `LEADWIRE_LOG_LEVEL` (`info` if unset or unknown).
    package static let shared = Log(level: levelFromEnvironment(), output: .standardError)

    package let level: LogLevel
    package let output: LogOutput
    private let context: LogFields
    private let now: @Sendable () -> LogInstant

    package init(level: LogLevel, output: LogOutput) {
        self.init(level: level, output: output, context: [:], now: LogInstant.now)
    }

    init(level: LogLevel, output: LogOutput, context: LogFields, now: @escaping @Sendable () -> LogInstant) {
        self.level = level
        self.output = output
        self.context = context
        self.now = now
    }

    /// A log whose every line carries these fields too.
    package func with(_ fields: LogFields) -> Log {
        Log(level: level, output: output, context: context.merging(fields), now: now)
    }

    package func debug(_ event: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if level <= .debug { write(.debug, event, fields()) }
    }

    package func info(_ event: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if level <= .info { write(.info, event, fields()) }
    }

    package func warning(_ event: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        if level <= .warning { write(.warning, event, fields()) }
    }

    package func error(_ event: StaticString, _ fields: @autoclosure () -> LogFields = [:]) {
        write(.error, event, fields())
    }

    /// Names that every line has already.
    private static let reserved: Set<String> = ["time", "level", "event"]

    private func write(_ level: LogLevel, _ event: StaticString, _ fields: LogFields) {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.member("time", now().text)
        writer.member("level", level.rawValue)
        writer.key("event")
        writer.string(String(describing: event))
        for entry in context.merging(fields).entries {
            writer.key(Self.reserved.contains(entry.name) ? entry.name + "_" : entry.name)
            switch entry.value {
            case .int(let value): writer.int(value)
            case .double(let value): writer.double(value)
            case .bool(let value): writer.bool(value)
            case .string(let value): writer.string(Redactor.redact(value))
            }
        }
        writer.endObject()
        var line = writer.finish()
        line.append(UInt8(ascii: "\n"))
        output.write(line)
    }

    private static func levelFromEnvironment() -> LogLevel {
        getenv("LEADWIRE_LOG_LEVEL").flatMap { LogLevel(setting: String(cString: $0)) } ?? .info
    }
}
