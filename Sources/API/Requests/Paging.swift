import Crypto
import Domain
import HTTP
import JSON

/// How a list is asked for: by page number, or by cursor.
enum Paging: Sendable, Hashable {
    case page(Int, perPage: Int)
    /// `after` is the id that the page before ended with.
    case cursor(after: Int64?, limit: Int)
    /// Everything, for lists that are not paged unless asked.
    case whole

    static let perPageDefault = 50
    static let perPageMaximum: Int64 = 200
    static let limitDefault = 50
    static let limitMaximum: Int64 = 500
    /// A list by name has one in its cursor, of up to 255 scalars.
    private static let cursorLimit = 2048
    /// Beyond this a page number asks the database to count past what anyone reads: the cursor is for that.
    static let pageMaximum: Int64 = 1_000_000

    /// For lists that are too long to come whole: the first page unless another is asked for.
    var cursorOrFirst: (after: Int64?, limit: Int) {
        if case .cursor(let after, let limit) = self { return (after, limit) }
        return (nil, Self.limitDefault)
    }

    /// `cursor` or `limit` choose the cursor; both ways at once is a fault.
    static func read(_ query: inout QueryReader, pages: Bool) -> Paging {
        let (paging, after) = read(&query, pages: pages, decode: decode)
        guard case .cursor(_, let limit) = paging else { return paging }
        return .cursor(after: after, limit: limit)
    }

    /// For a list whose cursor holds more than an id: what it holds comes beside the paging.
    static func read<Position>(
        _ query: inout QueryReader, pages: Bool, decode: (String) -> Position?
    ) -> (Paging, Position?) {
        let cursor = query.text("cursor", maximum: cursorLimit)
        let limit = query.integer("limit", in: 1...limitMaximum)
        var page: Int64?
        var perPage: Int64?
        if pages {
            page = query.integer("page", in: 1...pageMaximum)
            perPage = query.integer("per_page", in: 1...perPageMaximum)
            if (cursor ?? limit.map(String.init)) != nil, (page ?? perPage) != nil {
                query.fail(
                    "cursor", "exclusive", Faults.exclusive, ["one": "page, per_page", "other": "cursor, limit"])
            }
        }
        if cursor != nil || limit != nil {
            var after: Position?
            if let cursor {
                after = decode(cursor)
                if after == nil { query.fail("cursor", "invalid_cursor", Faults.cursor) }
            }
            return (.cursor(after: nil, limit: limit.map(Int.init) ?? limitDefault), after)
        }
        guard pages else { return (.whole, nil) }
        return (.page(page.map(Int.init) ?? 1, perPage: perPage.map(Int.init) ?? perPageDefault), nil)
    }

    /// Opaque to callers, so that what it holds may change.
    static func encode(_ id: Int64) -> String { Base64.encode(Array("1.\(id)".utf8), .urlSafe) }

    static func decode(_ cursor: String) -> Int64? {
        guard let bytes = Base64.decode(cursor, .urlSafe) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("1."), let id = Int64(text.dropFirst(2)), id >= 0 else { return nil }
        return id
    }

    /// RFC 8288: where the next page is.
    static func link(_ exchange: Exchange, cursor: String, limit: Int) -> String {
        var link = "<\(exchange.request.path)?"
        for part in (exchange.request.query ?? "").utf8.split(separator: UInt8(ascii: "&"))
        where !part.starts(with: "cursor=".utf8) && !part.starts(with: "limit=".utf8) {
            link += Substring(part)
            link += "&"
        }
        return link + "limit=\(limit)&cursor=\(cursor)>; rel=\"next\""
    }
}
