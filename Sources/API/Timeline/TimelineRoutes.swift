import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// What happened with a lead.
enum TimelineRoutes {
    /// A page unless another length is asked for: no lead's story is short by nature.
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let kinds = kinds(&query)
        let (paging, position) = Paging.read(&query, pages: false, decode: TimelineStore.Position.init(cursor:))
        try query.finish(lenient: exchange.isLenient)
        let (warnings, limit) = (query.warnings, paging.cursorOrFirst.limit)
        return service.database.timelines.items(
            of: try exchange.id("id"), kinds, instances: caller.key.instanceIDs, in: caller.account.id,
            after: position, limit: limit + 1
        ).map { items in
            guard let items else { throw Problem(.notFound) }
            return .page(exchange, items, limit: limit, warnings: warnings, cursor: \.position.cursor) {
                $1.write(to: &$0)
            }
        }
    }

    /// All of them unless some are named.
    private static func kinds(_ query: inout QueryReader) -> Set<TimelineStore.Kind> {
        let words = query.texts("types", maximum: 64, count: TimelineStore.Kind.allCases.count)
        let kinds = words.compactMap(TimelineStore.Kind.init(rawValue:))
        if kinds.count < words.count {
            let known = TimelineStore.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            query.fail("types", "not_allowed", Faults.notOneOf, ["values": known])
        }
        return Set(words.isEmpty ? TimelineStore.Kind.allCases : kinds)
    }
}

extension TimelineStore.Position {
    /// Opaque to callers.
    fileprivate var cursor: String {
        Base64.encode(Array("3.\(at.microseconds).\(isMessage ? 1 : 0).\(id)".utf8), .urlSafe)
    }

    /// nil for what is no cursor of a timeline.
    fileprivate init?(cursor: String) {
        guard let bytes = Base64.decode(cursor, .urlSafe), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "3", parts[2] == "0" || parts[2] == "1",
            let at = Int64(parts[1]).map({ Timestamp(microseconds: $0) }),
            (Timestamp.earliest...Timestamp.latest).contains(at), let id = Int64(parts[3]), id >= 0
        else { return nil }
        self.init(at: at, isMessage: parts[2] == "1", id: id)
    }
}
