import HTTP
import JSON

/// The shapes of success.
extension Reply {
    /// `{"success": true, "data": …}`
    static func data(
        _ status: HTTPStatus = .ok, warnings: [String] = [], _ write: (inout JSONWriter) -> Void
    ) -> Reply {
        // A lead asks for half of it before it is written.
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.member("success", true)
        json.key("data")
        write(&json)
        if !warnings.isEmpty { json.member("warnings", warnings) }
        json.endObject()
        return Reply(status, json.finish())
    }

    static func resource(warnings: [String] = [], _ write: (inout JSONWriter) -> Void) -> Reply {
        var reply = data(warnings: warnings, write)
        reply.isResource = true
        return reply
    }

    /// Made; `at` is where it is found, if it has a place of its own.
    static func created(
        at location: String? = nil, warnings: [String] = [], _ write: (inout JSONWriter) -> Void
    ) -> Reply {
        var reply = data(.created, warnings: warnings, write)
        if let location { reply.fields["Location"] = location }
        return reply
    }

    /// `{"success": true}`, as a DELETE answers.
    static func success(warnings: [String] = []) -> Reply {
        var json = JSONWriter()
        json.beginObject()
        json.member("success", true)
        if !warnings.isEmpty { json.member("warnings", warnings) }
        json.endObject()
        return Reply(.ok, json.finish())
    }

    /// A list of a handful, in the order of their ids: it comes whole unless a page is asked for.
    static func few<Element>(
        _ exchange: Exchange, _ all: [Element], _ paging: Paging, warnings: [String], id: (Element) -> Int64,
        _ write: (inout JSONWriter, Element) -> Void
    ) -> Reply {
        guard case .cursor(let after, let limit) = paging else { return list(all, warnings: warnings, write) }
        let page = Array(all.filter { id($0) > after ?? 0 }.prefix(limit + 1))
        return .page(exchange, page, limit: limit, warnings: warnings, id: id, write)
    }

    /// A list that comes whole.
    static func list<Element>(
        _ elements: [Element], warnings: [String] = [], _ write: (inout JSONWriter, Element) -> Void
    ) -> Reply {
        data(warnings: warnings) { json in
            json.beginArray()
            for element in elements { write(&json, element) }
            json.endArray()
        }
    }

    /// A page by number, with Syncro's `meta`.
    static func page<Element>(
        _ elements: [Element], total: Int, page: Int, perPage: Int, warnings: [String] = [],
        _ write: (inout JSONWriter, Element) -> Void
    ) -> Reply {
        var json = JSONWriter(capacity: 1024 + elements.count * 512)
        json.beginList(elements, write)
        let last = max(1, (total + perPage - 1) / perPage)
        json.key("meta")
        json.beginObject()
        json.member("total", total)
        json.member("per_page", perPage)
        json.member("current_page", page)
        json.member("last_page", last)
        json.member("has_more", page < last)
        json.endObject()
        if !warnings.isEmpty { json.member("warnings", warnings) }
        json.endObject()
        return Reply(.ok, json.finish())
    }

    /// A page by cursor. `elements` may hold one more than `limit`, which says that there is more.
    static func page<Element>(
        _ exchange: Exchange, _ elements: [Element], limit: Int, warnings: [String] = [],
        id: (Element) throws -> Int64, _ write: (inout JSONWriter, Element) -> Void
    ) rethrows -> Reply {
        try page(
            exchange, elements, limit: limit, warnings: warnings, cursor: { Paging.encode(try id($0)) }, write)
    }

    /// - Parameter cursor: what stands for the place behind an element.
    static func page<Element>(
        _ exchange: Exchange, _ elements: [Element], limit: Int, warnings: [String] = [],
        cursor: (Element) throws -> String, _ write: (inout JSONWriter, Element) -> Void
    ) rethrows -> Reply {
        let shown = elements.prefix(limit)
        let next = try elements.count > limit ? shown.last.map(cursor) : nil
        var json = JSONWriter(capacity: 1024 + shown.count * 512)
        json.beginList(shown, write)
        json.key("meta")
        json.beginObject()
        json.member("next_cursor", next)
        json.member("has_more", next != nil)
        json.endObject()
        if !warnings.isEmpty { json.member("warnings", warnings) }
        json.endObject()
        var reply = Reply(.ok, json.finish())
        if let next { reply.fields["Link"] = Paging.link(exchange, cursor: next, limit: limit) }
        return reply
    }
}

extension JSONWriter {
    /// Opens the envelope and writes `data`; the caller adds `meta` and closes.
    fileprivate mutating func beginList<Element>(
        _ elements: some Sequence<Element>, _ write: (inout JSONWriter, Element) -> Void
    ) {
        beginObject()
        member("success", true)
        key("data")
        beginArray()
        for element in elements { write(&self, element) }
        endArray()
    }
}
