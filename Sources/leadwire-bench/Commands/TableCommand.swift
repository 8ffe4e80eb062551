import EventLoop

/// `table`: every part of it, one after the other, as one table.
@Reactor
enum TableCommand {
    private static let parts: [Subcommand] = [.http, .client, .memory, .start, .reads, .sends, .latency, .scale]

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        var rows: [Row] = []
        for part in parts {
            Console.progress("== \(part.rawValue)")
            do {
                rows += try await part.run(options, workshop)
            } catch {
                // What took half an hour is told before what went wrong.
                Console.line("\n\(Table.text(rows))")
                throw error
            }
        }
        return rows
    }
}
