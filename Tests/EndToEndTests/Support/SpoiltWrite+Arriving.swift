import EventLoop
import HTTP
import JSON
import Testing

extension SpoiltWrite {
    /// Files, lines, and what providers told.
    static let arriving: [SpoiltWrite] = {
        let events = "/api/v1/inbound-events"
        let unheard: @Reactor @Sendable (Stage, String) async throws -> Int64 = { stage, tag in
            func newest() async throws -> Int64 { try await stage.get(events).data[0]?["id"]?.int64 ?? 0 }
            let before = try await newest()
            // A session that no number of ours has.
            _ = try await stage.session(tag, "5548987650911", tag)
            var last = before
            try await stage.eventually("\(tag) is listed") {
                last = try await newest()
                return last > before
            }
            return last
        }
        return [
            SpoiltWrite("POST media") { _, tag in
                Asked(method: .post, path: "/api/v1/media", file: (Stage.jpeg() + Array(tag.utf8), "image/jpeg"))
            },
            SpoiltWrite("cancel an import") { stage, tag in
                // Another is at work, so that this one waits.
                if try await stage.sql("SELECT 1 FROM imports WHERE lease_owner = 'test'").isEmpty {
                    try await stage.blockImports()
                }
                let answer = try await stage.imports(#"{"name": "\#(tag)"}"#)
                guard let id = answer.data["import"]?["id"]?.int64 else { throw StageError(what: answer.text) }
                return Asked(method: .post, path: "/api/v1/imports/\(id)/cancel")
            },
            SpoiltWrite("replay") { stage, tag in
                Asked(method: .post, path: "\(events)/\(try await unheard(stage, tag))/replay", body: [:])
            },
            SpoiltWrite("replay of many") { stage, tag in
                let id = try await unheard(stage, tag)
                return Asked(method: .post, path: "\(events)/replay", body: ["ids": [JSONValue(id)]])
            },
        ]
    }()
}
