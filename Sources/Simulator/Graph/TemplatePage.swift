import JSON

/// One page of an account's templates, with Graph's cursors: the last page is the one without `next`.
struct TemplatePage {
    private let target: RequestTarget
    private let path: String
    private let host: String

    init(_ target: RequestTarget, path: String, host: String) {
        self.target = target
        self.path = path
        self.host = host
    }

    func json(of templates: [SimulatedTemplate]) throws(GraphError) -> JSONValue {
        let matching = templates.filter(isWanted)
        let start = try start()
        let limit = try limit()
        let page = matching.dropFirst(start).prefix(limit)
        var data: [JSONValue] = []
        for template in page { data.append(try GraphNodes.template(template, fields: target["fields"])) }
        guard !data.isEmpty else { return ["data": []] }
        let end = start + page.count
        var paging = JSONObject([
            ("cursors", ["before": .string(Self.cursor(start)), "after": .string(Self.cursor(end))])
        ])
        if end < matching.count { paging["next"] = .string(next(after: end, limit: limit)) }
        return ["data": .array(data), "paging": .object(paging)]
    }

    /// `name` finds parts of names, as Graph's does; the rest must be equal.
    private func isWanted(_ template: SimulatedTemplate) -> Bool {
        (target["name"].map { template.name.contains($0) } ?? true)
            && (target["status"].map { $0.uppercased() == template.status } ?? true)
            && (target["language"].map { $0 == template.language } ?? true)
            && (target["category"].map { $0.uppercased() == template.category } ?? true)
    }

    private func limit() throws(GraphError) -> Int {
        guard let text = target["limit"] else { return 25 }
        guard let limit = Int(text), limit > 0 else { throw .parameter("limit", "must be a positive integer") }
        return min(limit, 1_000)
    }

    private func start() throws(GraphError) -> Int {
        guard let cursor = target["after"], !cursor.isEmpty else { return 0 }
        guard cursor.hasPrefix(Self.prefix), let start = Int(cursor.dropFirst(Self.prefix.count), radix: 36) else {
            throw GraphError(code: 100, "(#100) Invalid cursors values")
        }
        return start
    }

    private func next(after end: Int, limit: Int) -> String {
        var query = "limit=\(limit)&after=\(Self.cursor(end))"
        for name in ["fields", "name", "status", "language", "category"] {
            if let value = target[name] { query += "&\(name)=\(value)" }
        }
        return "http://\(host)\(path)?\(query)"
    }

    private static let prefix = "QVFIUm"

    private static func cursor(_ index: Int) -> String { prefix + String(index, radix: 36) }
}
