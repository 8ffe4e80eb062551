import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// API keys: a key manages those that hold no more than it does itself.
enum KeyRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        let keys = try await service.database.keys.all(of: account).filter { $0.revokedAt == nil }
        return .few(exchange, keys, paging, warnings: query.warnings, id: \.id.rawValue) { $0.apiKey($1) }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        let id: APIKey.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let keys = try await service.database.keys.all(of: account)
        let key = try exchange.found(keys.first { $0.id == id && $0.revokedAt == nil })
        return .resource(warnings: query.warnings) { $0.apiKey(key) }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let new = KeyBody.new(&body, now: exchange.now)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        let token = try KeyToken.draw()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.keys
            let (granting, _) = try await lock(nil, exchange, store, in: write)
            let instances = new.instanceIDs.applied(to: granting.instanceIDs.map { $0.sorted() })
            let grant = KeyGrant(
                permissions: Set(new.permissions), instanceIDs: instances.map { Set($0) },
                expiresAt: new.expiresAt.applied(to: granting.expiresAt))
            try Problem.refuse(
                granting.excess(of: grant), permissions: new.permissions, instances: instances ?? [])
            try await refuseUnknown(instances ?? [], store, in: write)
            let made = try await store.insert(
                APIKeyStore.NewKey(
                    name: new.name, prefix: token.prefix, hash: KeyToken.hash(token), permissions: grant.permissions,
                    instanceIDs: grant.instanceIDs, ratePerMinute: new.rate, expiresAt: grant.expiresAt), in: write)
            return .created(at: "/api/v1/api-keys/\(made.id)", warnings: body.warnings) {
                $0.apiKey(made, token: token)
            }
        }
    }

    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: APIKey.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let changes = KeyBody.changes(&body, now: exchange.now)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        let answer = try await Writing.perform(exchange, service) { write in
            let store = service.database.keys
            let (granting, old) = try await lock(id, exchange, store, in: write)
            try exchange.requireMatch { $0.apiKey(old) }
            let key = changes.applied(to: old)
            if granting.id == id, key.grant != old.grant || key.ratePerMinute != old.ratePerMinute {
                throw Problem(.ownKey)
            }
            var (permissions, instances): ([Permission], [Instance.ID]) = ([], [])
            if case .set(let given) = changes.permissions { permissions = given }
            if case .set(let given?) = changes.instanceIDs { instances = given }
            try Problem.refuse(granting.excess(of: key.grant), permissions: permissions, instances: instances)
            try await refuseUnknown(instances, store, in: write)
            try await store.update(old, to: key, in: write)
            return .resource(warnings: body.warnings) { $0.apiKey(key) }
        }
        service.forgetKeys(of: try exchange.admitted().account.id)
        return answer
    }

    /// Revokes: refused everywhere within two seconds.
    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: APIKey.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let answer = try await Writing.perform(exchange, service) { write in
            let store = service.database.keys
            let (granting, key) = try await lock(id, exchange, store, in: write)
            try exchange.requireMatch { $0.apiKey(key) }
            guard granting.id != id else { throw Problem(.ownKey) }
            try await store.revoke(id, in: write)
            return .success(warnings: query.warnings)
        }
        service.forgetKeys(of: try exchange.admitted().account.id)
        return answer
    }

    /// A new token for the same key; the one before works on for `overlap_seconds`.
    @Reactor
    static func rotate(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: APIKey.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let overlap = KeyBody.overlap(&body)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        let token = try KeyToken.draw()
        let answer = try await Writing.perform(exchange, service) { write in
            let store = service.database.keys
            var (_, key) = try await lock(id, exchange, store, in: write)
            let ends = write.now + .seconds(overlap)
            try await store.rotate(id, to: KeyToken.hash(token), prefix: token.prefix, overlapEnds: ends, in: write)
            key.prefix = token.prefix
            let rotated = key
            return .data(warnings: body.warnings) { $0.apiKey(rotated, token: token, overlapEnds: ends) }
        }
        service.forgetKeys(of: try exchange.admitted().account.id)
        return answer
    }

    /// The calling key as it is now, not as it is remembered, and the key that it is about to manage.
    ///
    /// - Parameter id: nil: none yet.
    @Reactor
    private static func lock(
        _ id: APIKey.ID?, _ exchange: Exchange, _ store: APIKeyStore, in write: WriteTransaction
    ) async throws -> (granting: APIKey, managed: APIKey) {
        let caller = try exchange.admitted().key.id
        let keys = try await store.lock([caller, id ?? caller], in: write)
        guard let granting = keys.first(where: { $0.id == caller }), granting.isValid(at: write.now) else {
            throw Problem(.unauthorized)
        }
        guard granting.permissions.contains(.keysManage) else {
            var problem = Problem(.permissionDenied)
            problem.requiredPermission = .keysManage
            problem.values["permission"] = Permission.keysManage.rawValue
            throw problem
        }
        let managed = try exchange.found(keys.first { $0.id == id ?? caller })
        try Problem.refuse(granting.excess(of: managed.grant))
        return (granting, managed)
    }

    @Reactor
    private static func refuseUnknown(
        _ instances: [Instance.ID], _ store: APIKeyStore, in write: WriteTransaction
    ) async throws {
        guard !instances.isEmpty else { return }
        let known = try await store.known(instances, in: write)
        let faults = instances.enumerated().filter { !known.contains($0.element) }
        guard faults.isEmpty else {
            throw Problem.validation(
                faults.map { .init("/instance_ids/\($0.offset)", "not_found", Faults.notFound) })
        }
    }
}

extension JSONWriter {
    /// - Parameters:
    ///   - token: shown once.
    ///   - overlapEnds: until when the token before works.
    fileprivate mutating func apiKey(_ key: APIKey, token: APIKeyToken? = nil, overlapEnds: Timestamp? = nil) {
        beginObject()
        member("id", key.id.rawValue)
        member("name", key.name)
        member("prefix", key.prefix)
        if let token { member("token", token.text) }
        member("permissions", Permission.allCases.filter(key.permissions.contains).map(\.rawValue))
        member("instance_ids", key.instanceIDs.map { $0.map(\.rawValue).sorted() })
        member("rate_per_minute", key.ratePerMinute)
        member("expires_at", key.expiresAt?.text)
        member("created_at", key.createdAt.text)
        if let overlapEnds { member("overlap_ends_at", overlapEnds.text) }
        endObject()
    }
}
