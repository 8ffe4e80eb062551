@testable import HTTP

extension FuzzTarget {
    /// Percent-encoding, queries, paths and header fields: what is decoded can be written, and comes back the same.
    static let query = FuzzTarget(
        name: "query",
        seeds: [
            "a=1&b=2", "q=S%C3%A3o+Paulo&q=%2B&&=x&y", "/api/v1/leads/42/send-whatsapp-template", "a=%00", "a=%C3",
            "%zz",
            "/api/v1/le%61ds/%2F?cursor=abc", "X-A: 1", "name=value%26more%3Dless", "a=1&\u{33E}b=%2",
        ],
        words: ["%00", "%2F", "%25", "%C3%A9", "%ED%A0%80", "%F4%90%80%80", "+", "&", "=", "/api/v1/leads/", "%6c"]
    ) { input in
        let text = input.text
        claim(decoded(PercentEncoding.encode(text)) == (text.utf8.contains(0) ? nil : text), "escaped is another text")
        claim(decoded(HTTPURL.escape(text)) == (text.utf8.contains(0) ? nil : text), "an escaped segment is another")
        if let plain = decoded(text) {
            claim(!plain.utf8.contains(0), "a NUL passes")
            claim(decoded(PercentEncoding.encode(plain)) == plain, "decoded is no text")
        }
        judgeItems(text)
        judgeFields(text, &input)
        judgePath(text)
    }

    private static func decoded(_ text: String) -> String? {
        do throws(PercentDecodingFault) { return try PercentEncoding.decode(text) } catch { return nil }
    }

    private static func items(_ query: String) -> [QueryItems.Item]? {
        do throws(QueryItems.Fault) {
            return try QueryItems(parsing: query).items
        } catch {
            // By bytes, as it was read: to characters, a mark behind an ampersand is part of it.
            claim(query.utf8.contains(error.raw.utf8), "a fault in what was not sent")
            return nil
        }
    }

    private static func judgeItems(_ query: String) {
        guard let read = items(query) else { return }
        let written = read.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
        claim(items(written.joined(separator: "&")) == read, "the items come back otherwise: \(read)")
    }

    private static func judgeFields(_ text: String, _ input: inout FuzzInput) {
        var fields = HTTPFields()
        var kept: [[String]] = []
        for line in text.unicodeScalars.split(separator: "&").map(String.init) {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            if fields.append(parts[0], parts[1]) { kept.append([parts[0], trimmed(parts[1])]) }
            guard input.isOne(in: 4) else { continue }
            fields.remove(parts[0])
            kept.removeAll { $0[0].equalsIgnoringCase(parts[0]) }
        }
        claim(fields.map { [$0.name, $0.value] } == kept, "the fields are \(Array(fields))")
        for field in kept {
            claim(fields.all(field[0].uppercased()).contains(field[1]), "\(field[0]) is not found")
        }
    }

    private static func trimmed(_ value: String) -> String {
        var octets = Array(value.utf8)[...]
        while octets.first == 0x20 || octets.first == 0x09 { octets.removeFirst() }
        while octets.last == 0x20 || octets.last == 0x09 { octets.removeLast() }
        return String(decoding: octets, as: UTF8.self)
    }

    private static let routes: RouteTable = {
        var table = RouteTable()
        for (number, pattern) in ["/", "/api/v1/leads", "/api/v1/leads/{id}", "/api/{a}/{b}/{c}"].enumerated() {
            table.add(.get, pattern, number: number)
        }
        return table
    }()

    private static func judgePath(_ path: String) {
        switch routes.match(.get, path) {
        case .found(let route, let parameters):
            if route == 2 { claim(parameters["id"] != nil, "a lead without an id") }
        case .methodNotAllowed: claim(false, "GET is not allowed where all is GET")
        case .notFound: break
        case .badPath: claim(decoded(path) == nil, "a sound path is called bad")
        }
    }
}
