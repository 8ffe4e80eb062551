import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Storage

extension ImportRoutes {
    /// 202 once every line is kept: from then on they are applied whatever happens. Before that nothing is.
    @Reactor
    static func upload(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let format = try format(exchange.request.fields)
        var exchange = exchange
        exchange.claim = try Idempotency.claim(exchange, route: "POST /leads/import")
        let upload = try await ImportUpload(format, query.warnings, exchange, service)
        return try await upload.run()
    }

    private static func format(_ fields: HTTPFields) throws -> LeadImport.Format {
        if let coding = fields["Content-Encoding"], coding.lowercased() != "identity" {
            throw Problem(.unsupportedMediaType)
        }
        let parts = (fields["Content-Type"] ?? "").lowercased().split(separator: ";").map { part in
            part.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
        }
        let isUTF8 = parts.dropFirst().allSatisfy { !$0.hasPrefix("charset=") || $0 == "charset=utf-8" }
        guard isUTF8, let media = parts.first else { throw Problem(.unsupportedMediaType) }
        switch media {
        case "application/x-ndjson", "application/ndjson": return .ndjson
        case "text/csv": return .csv
        default: throw Problem(.unsupportedMediaType)
        }
    }
}

/// One body on its way into the database.
@Reactor
private final class ImportUpload {
    /// More than anybody's leads; it bounds what one request makes the server keep.
    private static let lineLimit = 5_000_000
    /// What one transaction applies: so many lines, or fewer of long ones, whose trees and rows take ten times the room.
    private static let chunkLines = 500
    private static let chunkBytes = 256 * 1024
    /// Beyond it the process counts as stopped; renewed while the body arrives, however slowly.
    private static let leaseTime = Duration.seconds(90)
    private static let renewalTime = Duration.seconds(20)

    private let exchange: Exchange
    private let service: Service
    private let actor: Actor
    private let fields: [CustomField]
    private var request: ImportStore.Request
    private var warnings: [String]
    private var reader: ImportReader
    private let body: ArrivingBody
    private let digest = SHA256.Stream()
    /// What an earlier request left under the key; then the body is only compared.
    private let earlier: IdempotencyStore.Entry?

    private var id: LeadImport.ID?
    private var lines: [ImportLine] = []
    private var bytes = 0
    private var count = 0
    private var renewedAt = MonotonicTime.now
    private var isHeaderJudged: Bool

    init(
        _ format: LeadImport.Format, _ warnings: [String], _ exchange: Exchange, _ service: Service
    ) async throws {
        let caller = try exchange.admitted()
        let account = caller.account.id
        self.exchange = exchange
        body = ArrivingBody(exchange.request)
        self.service = service
        self.warnings = warnings
        actor = Actor(account: account, apiKeyID: caller.key.id, requestID: exchange.requestID)
        reader = ImportReader(format)
        isHeaderJudged = format == .ndjson
        request = ImportStore.Request(
            format: format, columns: nil, isLenient: exchange.isLenient, language: exchange.language.rawValue,
            owner: Hex.encode(SecureRandom.bytes(8)))
        fields = format == .csv ? try await service.database.customFields.all(of: account) : []
        earlier =
            if let claim = exchange.claim {
                try await service.database.run(service.database.idempotency.entry(claim, of: account))
            } else {
                nil
            }
        digest.update(Idempotency.head(exchange))
    }

    private var store: ImportStore { service.database.imports }

    func run() async throws -> Reply {
        do {
            try await receive()
            return try await answer()
        } catch is ImportStore.Closed {
            return try await closed()
        } catch let problem as Problem {
            await abandon(.refused)
            // Whoever is still sending hears an answer only behind the last of it.
            while (try? await body.next()) != nil {}
            throw problem
        } catch {
            await abandon(error is HTTPBodyReadError ? .incompleteBody : .interrupted)
            throw error is HTTPBodyReadError ? Problem(.malformedRequest) : error
        }
    }

    private func receive() async throws {
        while let piece = try await body.next() {
            digest.update(piece)
            if earlier == nil { try await take(reader.read(piece)) }
        }
        if earlier == nil { try await take(reader.finish()) }
        if !isHeaderJudged, earlier == nil { try judgeHeader() }
    }

    private func take(_ more: [ImportLine]) async throws {
        if !isHeaderJudged, reader.header != nil { try judgeHeader() }
        count += more.count
        guard count <= Self.lineLimit else {
            let limit = ["limit": String(Self.lineLimit)]
            throw Problem.validation([.init("", "too_many", ImportFaults.tooManyLines, limit)])
        }
        for line in more {
            if lines.count == Self.chunkLines || bytes + line.text.count > Self.chunkBytes { try await keep() }
            lines.append(line)
            bytes += line.text.count
        }
        try await renew()
    }

    private func judgeHeader() throws {
        isHeaderJudged = true
        let judged = try ImportedLead.judge(reader.header, fields, lenient: exchange.isLenient)
        request.columns = judged.columns
        warnings += judged.warnings
    }

    private var lease: Timestamp { service.now + Self.leaseTime }

    private func keep() async throws {
        guard !lines.isEmpty else { return }
        if id == nil { id = try await store.begin(request, by: actor, until: lease, now: service.now) }
        guard let id else { return }
        try await store.append(lines, to: id, request.owner, of: actor.account, until: lease)
        (lines, bytes, renewedAt) = ([], 0, .now)
    }

    private func renew() async throws {
        guard let id, MonotonicTime.now - renewedAt > Self.renewalTime else { return }
        try await store.renew(id, request.owner, of: actor.account, until: lease)
        renewedAt = .now
    }

    private func answer() async throws -> Reply {
        var exchange = exchange
        exchange.claim?.requestHash = digest.finish()
        if let earlier, let claim = exchange.claim { return located(try Idempotency.answer(earlier, to: claim)) }
        // The last of a long body goes ahead, so that the transaction is short.
        if id != nil { try await keep() }
        let reply = try await Writing.perform(exchange, service) { [self] write in
            let accepted = try await store.accept(id, request, rest: lines, in: write)
            return .data(.accepted, warnings: warnings) { json in
                json.beginObject()
                json.key("import")
                json.leadImport(accepted, exchange.language)
                json.endObject()
            }
        }
        // A twin was first: what came with this one is of no use.
        if reply.fields["Idempotent-Replayed"] != nil { await abandon(.refused) }
        return located(reply)
    }

    /// With the place where its progress is told.
    private func located(_ reply: Reply) -> Reply {
        var reply = reply
        if let id = (try? JSONParser.parse(reply.body))?["data"]?["import"]?["id"]?.int64 {
            reply.fields["Location"] = "/api/v1/imports/\(id)"
        }
        return reply
    }

    /// It was canceled meanwhile, which the answer shows; or this process was so slow that it counted as stopped.
    private func closed() async throws -> Reply {
        guard let id, let found = try await service.database.run(store.one(id, of: actor.account)),
            found.status == .canceled
        else {
            var problem = Problem(.unavailable)
            problem.retryAfter = 1
            throw problem
        }
        while (try? await body.next()) != nil {}
        return .data(.accepted, warnings: warnings) { json in
            json.beginObject()
            json.key("import")
            json.leadImport(found, exchange.language)
            json.endObject()
        }
    }

    /// If the database cannot be told now, the lease runs out.
    private func abandon(_ failure: LeadImport.Failure) async {
        guard let id else { return }
        try? await store.fail(id, request.owner, of: actor.account, failure, now: service.now)
    }
}
