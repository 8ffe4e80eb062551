import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Files: taken from clients, and given back.
enum MediaRoutes {
    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var query = QueryReader(exchange)
        let filename = query.text("filename", maximum: 240)
        if filename.map(isFilename) == false { query.fail("filename", "invalid_character", Faults.filename) }
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        let claim = try Idempotency.claim(exchange, route: "POST /media")
        let upload = try MediaUpload(exchange, filename: filename, service)
        let arrived = try await upload.receive()
        var exchange = exchange
        exchange.claim = claim.map { digested($0, arrived) }
        do {
            if let claim = exchange.claim, let earlier = try await Idempotency.stored(claim, exchange, service) {
                await upload.drop(arrived.id)
                return earlier
            }
            let reply = try await Writing.perform(exchange, service) { [exchange] write in
                let medium = try await service.database.media.complete(
                    arrived.id, size: arrived.size, sha256: arrived.sha256, in: write)
                return .created(at: "/api/v1/media/\(medium.id)", warnings: warnings) {
                    $0.medium(.init(medium: medium, state: .stored), url: url(of: medium.id, exchange, service))
                }
            }
            // A twin was faster: the answer is its file's.
            if reply.fields["Idempotent-Replayed"] != nil { await upload.drop(arrived.id) }
            return reply
        } catch {
            await upload.drop(arrived.id)
            throw error
        }
    }

    static func isFilename(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 != "/" && $0 != "\\" && $0.value >= 0x20 }
    }

    /// The body's digest and its type stand for the body, which nobody has in one piece.
    private static func digested(
        _ claim: IdempotencyStore.Claim, _ arrived: MediaUpload.Arrived
    ) -> IdempotencyStore.Claim {
        var claim = claim
        claim.requestHash = SHA256.digest(claim.requestHash + arrived.sha256 + Array(arrived.type.name.utf8))
        return claim
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let (id, warnings): (Medium.ID, [String]) = (try exchange.id("id"), query.warnings)
        let url = url(of: id, exchange, service)
        return service.database.media.one(id, of: caller.account.id).map { found in
            guard let found, caller.key.sees(found.medium) else { throw Problem(.notFound) }
            return .resource(warnings: warnings) { $0.medium(found, url: found.state == .stored ? url : nil) }
        }
    }

    @Reactor
    private static func url(of id: Medium.ID, _ exchange: Exchange, _ service: Service) -> String? {
        guard let account = exchange.caller?.account.id else { return nil }
        return MediaLink(id, of: account, now: exchange.now).path(service.configuration.linkHashes)
    }

    /// The bytes, to whoever has a link that was signed here.
    @Reactor
    static func content(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Medium.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        let account = query.integer("account", in: 1...Identifier<Account>.maximum)
        let expires = query.integer("expires", in: 0...Int64(1) << 40)
        let signature = query.text("signature")
        // A link that is not whole opens as little as a wrong one.
        guard let account, let expires, let signature,
            MediaLink(
                id, account: account, expires: expires, signature: signature, now: exchange.now,
                service.configuration.linkHashes) != nil
        else { throw Problem(.notFound) }
        let owner = Account.ID(account)
        let store = service.database.media
        guard let entry = try await service.database.run(store.one(id, of: owner)), entry.state == .stored else {
            throw Problem(.notFound)
        }
        return reply(entry.medium, of: owner, store)
    }

    private static func reply(_ medium: Medium, of account: Account.ID, _ store: MediaStore) -> Reply {
        var reply = Reply(.ok, [])
        reply.contentType = medium.mimeType
        // What a stranger sent is never a page of ours.
        reply.fields["Content-Disposition"] = disposition(medium)
        reply.fields["X-Content-Type-Options"] = "nosniff"
        reply.fields["Content-Security-Policy"] = "sandbox"
        reply.stream = { body in
            for number in 0..<MediaStore.chunkCount(medium.size) {
                guard let chunk = try await store.chunk(number, of: medium.id, account: account) else {
                    throw StorageError.missing("a piece of a file")
                }
                try await body.write(chunk)
            }
        }
        return reply
    }

    /// RFC 6266, with the name as RFC 8187 has it.
    private static func disposition(_ medium: Medium) -> String {
        guard let name = medium.filename else { return "attachment" }
        return "attachment; filename*=UTF-8''\(HTTPURL.escape(name))"
    }
}
