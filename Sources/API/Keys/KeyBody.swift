import Domain
import Storage

/// The bodies of API keys.
enum KeyBody {
    private enum Limit {
        static let name = 120
        static let permissions = 100
        static let instances = 1_000
        /// A month: whoever needs longer has forgotten it.
        static let overlap: Int64 = 30 * 86_400
    }

    /// How long the token before works unless said otherwise: a day, so that every client is met at its desk.
    static let usualOverlap: Int64 = 86_400

    struct New: Sendable {
        var name: String
        var permissions: [Permission]
        /// Left out, a key hands on its own binding.
        var instanceIDs: Change<[Instance.ID]?>
        var rate: Int
        var expiresAt: Change<Timestamp?>
    }

    static func new(_ body: inout BodyReader, now: Timestamp) -> New {
        New(
            name: body.text("name", maximum: Limit.name, isRequired: true) ?? "",
            permissions: permissions(&body, isRequired: true), instanceIDs: instances(&body),
            rate: rate(&body) ?? 60, expiresAt: expiry(&body, now))
    }

    struct Changes: Sendable {
        var name: Change<String>
        var permissions: Change<[Permission]>
        var instanceIDs: Change<[Instance.ID]?>
        var rate: Change<Int>
        var expiresAt: Change<Timestamp?>

        func applied(to old: APIKey) -> APIKey {
            var key = old
            key.name = name.applied(to: old.name)
            if case .set(let permissions) = permissions { key.permissions = Set(permissions) }
            if case .set(let instances) = instanceIDs { key.instanceIDs = instances.map { Set($0) } }
            key.ratePerMinute = rate.applied(to: old.ratePerMinute)
            key.expiresAt = expiresAt.applied(to: old.expiresAt)
            return key
        }
    }

    static func changes(_ body: inout BodyReader, now: Timestamp) -> Changes {
        Changes(
            name: body.change("name") { $0.text("name", maximum: Limit.name, isRequired: true) },
            permissions: body.change("permissions") { permissions(&$0, isRequired: false) },
            instanceIDs: instances(&body), rate: body.change("rate_per_minute", rate), expiresAt: expiry(&body, now))
    }

    static func overlap(_ body: inout BodyReader) -> Int64 {
        body.integer("overlap_seconds", in: 0...Limit.overlap) ?? usualOverlap
    }

    private static func permissions(_ body: inout BodyReader, isRequired: Bool) -> [Permission] {
        if isRequired, !body.has("permissions") {
            _ = body.value("permissions")
            body.fail("permissions", "required", Faults.required)
            return []
        }
        return body.words("permissions", count: Limit.permissions, Permission.self)
    }

    private static func instances(_ body: inout BodyReader) -> Change<[Instance.ID]?> {
        body.clearable("instance_ids") { body in
            guard body.has("instance_ids") else {
                _ = body.value("instance_ids")
                return nil
            }
            return body.ids("instance_ids", count: Limit.instances, Instance.self)
        }
    }

    private static func rate(_ body: inout BodyReader) -> Int? {
        body.integer("rate_per_minute", in: APIKey.rates).map { Int($0) }
    }

    private static func expiry(_ body: inout BodyReader, _ now: Timestamp) -> Change<Timestamp?> {
        body.clearable("expires_at") { body in
            guard let time = body.instant("expires_at") else { return nil }
            guard time > now else {
                body.fail("expires_at", "in_the_past", Faults.past)
                return nil
            }
            return time
        }
    }
}
