import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Leads as a file: every one of a moment, written while they are read.
enum ExportRoutes {
    /// Rows that are put together before the client gets them.
    private static let pieceLength = 32 * 1024
    /// A reader that is slower keeps a connection to the database from others for too long.
    private static let timeLimit = Duration.seconds(60 * 60)

    /// The connection is cut when the rows cannot be read to the end, so that nobody takes a part for the whole.
    @Reactor
    static func export(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let filter = LeadListRequest.filter(&query, caller, now: exchange.now)
        let format = query.word("format", LeadImport.Format.self) ?? accepted(by: exchange.request.fields)
        try query.finish(lenient: exchange.isLenient)
        // Asked also where it is not needed: a database that is away is told before the answer begins.
        let fields = try await service.database.customFields.all(of: caller.account.id)
        guard let place = service.exports.enter(caller.account.id) else {
            var problem = Problem(.unavailable)
            problem.retryAfter = 5
            throw problem
        }
        let store = service.database.leads
        let deadline = MonotonicTime.now + timeLimit
        var reply = Reply { writer in
            var sheet = format == .csv ? LeadSheet(fields) : nil
            var lines: [UInt8] = sheet?.begin() ?? []
            try await store.export(filter, of: caller.account.id) { lead in
                lines += try line(lead, &sheet)
                guard lines.count >= pieceLength else { return }
                guard MonotonicTime.now < deadline else { throw HTTPBodyWriteError() }
                try await writer.write(lines)
                lines = []
            }
            if !lines.isEmpty { try await writer.write(lines) }
            withExtendedLifetime(place) {}
        }
        reply.contentType = format == .csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson"
        reply.fields["Content-Disposition"] =
            "attachment; filename=\"leads-\(exchange.now.text.prefix(10)).\(format.rawValue)\""
        return reply
    }

    private static func line(_ lead: LeadRecord, _ sheet: inout LeadSheet?) throws -> [UInt8] {
        // A lead asks for half of it before it is written.
        var json = JSONWriter(capacity: 4096)
        json.lead(lead)
        let text = json.finish()
        guard sheet != nil else { return text + [UInt8(ascii: "\n")] }
        return sheet?.row(of: try JSONParser.parse(text)) ?? []
    }

    /// NDJSON, which loses nothing, unless CSV alone is asked for.
    private static func accepted(by fields: HTTPFields) -> LeadImport.Format {
        let ranges = fields.all("Accept").flatMap { String($0).lowercased().split(separator: ",") }
        let media = ranges.map { range in range.prefix { $0 != ";" }.filter { $0 != " " } }
        let first = media.first { $0 == "text/csv" || $0.hasSuffix("ndjson") || $0 == "*/*" }
        return first == "text/csv" ? .csv : .ndjson
    }
}
