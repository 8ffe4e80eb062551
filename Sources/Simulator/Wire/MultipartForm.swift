import HTTP

/// The parts of a `multipart/form-data` body (RFC 7578).
struct MultipartForm {
    struct Part {
        let name: String
        let filename: String?
        let contentType: String?
        let body: [UInt8]
    }

    let parts: [Part]

    /// Nil for what is no such body.
    init?(_ request: HTTPRequest) {
        let words = (request.fields["Content-Type"] ?? "").split(separator: ";").map { $0.filter { $0 != " " } }
        guard words.first == "multipart/form-data",
            let boundary = words.first(where: { $0.hasPrefix("boundary=") })?.dropFirst("boundary=".count)
        else { return nil }
        let mark = Array("--\(boundary.filter { $0 != "\"" })".utf8)
        var parts: [Part] = []
        var rest = request.body[...]
        guard rest.starts(with: mark) else { return nil }
        rest = rest.dropFirst(mark.count)
        while rest.starts(with: Array("\r\n".utf8)) {
            rest = rest.dropFirst(2)
            guard let headEnd = rest.firstRange(of: Array("\r\n\r\n".utf8)),
                let end = rest[headEnd.upperBound...].firstRange(of: Array("\r\n".utf8) + mark)
            else { return nil }
            let head = String(decoding: rest[..<headEnd.lowerBound], as: UTF8.self)
            guard let name = Self.parameter("name", in: head) else { return nil }
            let type = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-type:") }
            parts.append(
                Part(
                    name: name, filename: Self.parameter("filename", in: head),
                    contentType: type.map { $0.dropFirst("content-type:".count).filter { $0 != " " } },
                    body: Array(rest[headEnd.upperBound..<end.lowerBound])))
            rest = rest[end.upperBound...]
        }
        guard rest.starts(with: Array("--".utf8)) else { return nil }
        self.parts = parts
    }

    subscript(_ name: String) -> Part? { parts.first { $0.name == name } }

    private static func parameter(_ name: String, in head: String) -> String? {
        guard let start = head.firstRange(of: " \(name)=\"") else { return nil }
        return String(head[start.upperBound...].prefix { $0 != "\"" })
    }
}
