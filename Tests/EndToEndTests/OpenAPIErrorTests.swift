import API
import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import Testing

@testable import leadwire

/// Every error code, provoked, and held to what the document says of its route.
@Suite struct OpenAPIErrorTests {
    @Test func `every error code is answered to the request that earns it`() async throws {
        try await Stage.run { stage in
            let round = ErrorRound(stage)
            try await round.refuseAtTheDoor()
            try await round.refuseBodies()
            try await round.refuseMerges()
            try await round.refuseSends()
            try await round.refuseLife()
            try await round.refuseByState()
            try await round.refuseBytes()
            try await round.breakDown()
            #expect(round.provoked == Set(ProblemCode.allCases))
        }
    }
}

/// Collects the codes that were answered.
@Reactor
final class ErrorRound {
    private let stage: Stage
    private(set) var provoked: Set<ProblemCode> = []

    init(_ stage: Stage) { self.stage = stage }

    // MARK: What is expected of every refusal

    private func expect(
        _ code: ProblemCode, _ answer: Answer, of operation: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.code == code.rawValue, "\(answer.text)", sourceLocation: sourceLocation)
        #expect(answer.status == code.status, sourceLocation: sourceLocation)
        #expect(answer.json["request_id"]?.string == answer.fields["X-Request-Id"], sourceLocation: sourceLocation)
        for field in code.fields {
            #expect(answer.json[field] != nil, "\(code) lacks \(field)", sourceLocation: sourceLocation)
        }
        if let seconds = answer.json["retry_after"]?.int64 {
            #expect(answer.fields["Retry-After"] == String(seconds), sourceLocation: sourceLocation)
        }
        let document = OpenAPIDocument.shared
        let documented =
            operation.flatMap { document.operation($0) }.flatMap { document.response(code.status, of: $0) }
            ?? document.sharedResponses.first { $0.errorCodes.contains(code.rawValue) }
        #expect(documented?.errorCodes.contains(code.rawValue) == true, sourceLocation: sourceLocation)
        let schema = documented?.schema ?? .null
        #expect(
            OpenAPISchemaChecker.check(answer.json, schema, isClosed: true).faults == [],
            sourceLocation: sourceLocation)
        if answer.code == code.rawValue { provoked.insert(code) }
    }

    // MARK: Before a route runs

    func refuseAtTheDoor() async throws {
        expect(.routeNotFound, try await stage.get("/nope"))
        let other = try await stage.request(.delete, "/api/v1/me")
        expect(.methodNotAllowed, other)
        #expect(other.fields["Allow"] == "GET, HEAD")
        for key in [nil, "crm_", String(repeating: "x", count: 40)] as [String?] {
            expect(.unauthorized, try await stage.get("/api/v1/leads/1", key: .some(key)), of: "getLead")
        }
        let refused = try await stage.post("/api/v1/leads", ["name": "X"], key: stage.keys.read.text)
        expect(.permissionDenied, refused, of: "createLead")
        #expect(refused.json["required_permission"] == "leads:write")
        let slow = try await key(rate: 1)
        #expect(try await stage.get("/api/v1/me", key: slow).status == 200)
        expect(.rateLimited, try await stage.get("/api/v1/me", key: slow), of: "getMe")
        _ = try await stage.database.accounts.set(.suspended, of: stage.other, now: stage.now)
        expect(.accountSuspended, try await stage.get("/api/v1/me", key: stage.keys.other.text), of: "getMe")
    }

    private func key(rate: Int = 1000, instances: Set<Instance.ID>? = nil) async throws -> String {
        try await NewToken.create(
            name: "test", permissions: Set(Permission.allCases), instances: instances, rate: rate, expiresAt: nil,
            account: stage.demo, database: stage.database
        ).0.text
    }

    // MARK: Bodies and keys

    func refuseBodies() async throws {
        let leads = "/api/v1/leads"
        expect(.notFound, try await stage.get("/api/v1/leads/999"), of: "getLead")
        expect(
            .malformedJSON, try await stage.request(.post, leads, body: Array(#"{"name":"a","name":"b""#.utf8)),
            of: "createLead")
        expect(
            .unsupportedMediaType,
            try await stage.request(.post, leads, body: [0x78], fields: ["Content-Type": "text/plain"]),
            of: "createLead")
        expect(
            .idempotencyKeyInvalid, try await stage.post(leads, ["name": "X"], fields: ["Idempotency-Key": ""]),
            of: "createLead")
        expect(.validationFailed, try await stage.post(leads, ["nome": "X"]), of: "createLead")
        expect(.mediaTypeNotSupported, try await stage.upload([1], as: "image/webp"), of: "uploadMedia")
        expect(.mediaMismatch, try await stage.upload([1], as: "image/png"), of: "uploadMedia")
        let first = try await stage.post(
            leads, ["name": "X", "external_id": "x-1"], fields: ["Idempotency-Key": "a"])
        #expect(first.status == 201)
        expect(
            .idempotencyKeyConflict, try await stage.post(leads, ["name": "Y"], fields: ["Idempotency-Key": "a"]),
            of: "createLead")
        let taken = try await stage.post(leads, ["name": "Y", "external_id": "x-1"])
        expect(.externalIDTaken, taken, of: "createLead")
        #expect(taken.json["existing_id"] == first.data["id"])
        expect(
            .identifierConflict,
            try await stage.post(
                leads, ["name": "X", "phone": "+5511987651001", "email": "bruno.lima@example.com"]),
            of: "createLead")
        let user: JSONValue = ["name": "X", "email": "x@example.com"]
        _ = try await stage.post("/api/v1/users", user)
        expect(.alreadyExists, try await stage.post("/api/v1/users", user), of: "createUser")
        let weak = try await stage.newKey([.keysManage])
        expect(
            .grantExceeded,
            try await stage.post("/api/v1/api-keys", ["name": "X", "permissions": ["leads:read"]], key: weak.token),
            of: "createApiKey")
        expect(
            .ownKey, try await stage.delete("/api/v1/api-keys/\(weak.id)", key: weak.token), of: "revokeApiKey")
        expect(.inUse, try await stage.request(.delete, "/api/v1/pipelines/1"), of: "deletePipeline")
        expect(
            .preconditionFailed,
            try await stage.request(.delete, "/api/v1/pipelines/1", fields: ["If-Match": "\"old\""]),
            of: "deletePipeline")
        try await takeKeyWithoutAnswer()
        expect(
            .idempotencyKeyProcessing, try await stage.post(leads, ["name": "Z"], fields: ["Idempotency-Key": "b"]),
            of: "createLead")
    }

    /// A claim whose transaction has not come to its answer, as another reader would see it if it could.
    private func takeKeyWithoutAnswer() async throws {
        let body = JSONValue.object(JSONObject([("name", "Z")])).serialized()
        let hash = SHA256.digest(Array("POST\n/api/v1/leads\n\n".utf8) + body)
        _ = try await stage.database.pool.write(
            Statement(
                "test_claim",
                """
                INSERT INTO idempotency_keys (account_id, route, key, request_hash, created_at)
                VALUES ($1, 'POST /leads', 'b', $2, now())
                """),
            [.int(stage.demo.rawValue), .bytes(hash)])
    }

    // MARK: Contacts

    func refuseMerges() async throws {
        let merge = "/api/v1/contacts/merge"
        let unmerge = "/api/v1/contacts/unmerge"
        #expect(try await stage.post(merge, ["winner_id": 16, "loser_id": 17]).status == 200)
        #expect(try await stage.post(merge, ["winner_id": 15, "loser_id": 16]).status == 200)
        expect(.contactMerged, try await stage.get("/api/v1/contacts/16"), of: "getContact")
        expect(
            .mergeNotLatest, try await stage.post(unmerge, ["winner_id": 16, "loser_id": 17]), of: "unmergeContacts")
        #expect(try await stage.request(.post, "/api/v1/leads/14/erase").status == 200)
        expect(
            .erased, try await stage.post("/api/v1/leads", ["name": "X", "phone": "+5571987651014"]), of: "createLead")
        expect(.notMerged, try await stage.post(unmerge, ["winner_id": 15, "loser_id": 17]), of: "unmergeContacts")
    }

    // MARK: Sends

    func refuseSends() async throws {
        let template = "sendWhatsappTemplate"
        expect(.bindingFailed, try await stage.sendTemplate(1, ["Ana", "proposta"]), of: template)
        expect(.leadWithoutPhone, try await stage.sendTemplate(1, ["a", "b", "c"], lead: 20), of: template)
        expect(
            .templatesNotSupported,
            try await stage.sendTemplate(1, ["a", "b", "c"], extra: JSONObject([("instance_id", 1)])), of: template)
        expect(
            .batchRefused,
            try await stage.post(
                "/api/v1/whatsapp/batches", ["template_id": 1, "lead_ids": [1], "all_or_nothing": true]),
            of: "createBatch")
        expect(.templateNotApproved, try await stage.sendTemplate(6, ["Ana"]), of: template)
        expect(.windowClosed, try await stage.sendText("Oi", instance: 2), of: "sendWhatsapp")
        _ = try await stage.post(
            "/api/v1/tasks",
            [
                "subject": "Ligar", "type": "call", "due_date": "2026-12-01", "lead_id": 3, "is_mandatory": true,
            ])
        expect(.blocked, try await stage.put("/api/v1/leads/3/stage", ["stage_id": 2]), of: "moveLead")
        let refused = try await stage.lead(phone: "+5511987650001")
        let answer = try await stage.sendTemplate(1, ["a", "b", "c"], lead: refused)
        expect(.providerRefused, answer, of: template)
        #expect(answer.json["provider"]?["code"] == "131026")
        #expect(answer.message["status"] == "failed")
    }

    func refuseLife() async throws {
        let sent = try await stage.sendText("Oi", lead: 3, instance: 1)
        expect(.wrongStatus, try await stage.cancel(sent), of: "cancelMessage")
        try await stage.spoilNext("loses_answer")
        let lost = try await stage.sendText("Oi", lead: 3, instance: 1)
        expect(.outcomeUnknown, try await stage.retry(lost), of: "retryMessage")
    }

    func refuseByState() async throws {
        try await stage.writes(from: "+5511987651002", to: "+5521987654321", "SAIR")
        // The hook is answered before its body is processed; each look lets that go on.
        for _ in 0..<500 where try await stage.get("/api/v1/leads/2").data["opted_out"] != true {}
        expect(
            .optedOut, try await stage.sendTemplate(1, ["a", "b", "c"], lead: 2), of: "sendWhatsappTemplate")
        let official = Instance.ID(2)
        let bound = try await key(instances: [official])
        _ = try await stage.database.instances.set(
            .disabled, providerStatus: nil, of: official, account: stage.demo, now: Timestamp.current)
        expect(
            .instanceNotConnected, try await stage.sendTemplate(1, ["a", "b", "c"], lead: 3),
            of: "sendWhatsappTemplate")
        expect(.noInstance, try await stage.sendText("Oi", lead: 3, key: bound), of: "sendWhatsapp")
    }

    // MARK: Bytes that are no request

    func refuseBytes() async throws {
        let head = "Host: localhost\r\nConnection: close\r\n"
        let bytes: [(ProblemCode, String)] = [
            (.malformedRequest, "GET  /ping HTTP/1.1\r\n\(head)\r\n"),
            (.bodyTooLarge, "POST /api/v1/leads HTTP/1.1\r\n\(head)Content-Length: 2000000\r\n\r\n"),
            (.targetTooLong, "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n\(head)\r\n"),
            (.headersTooLarge, "GET /ping HTTP/1.1\r\n\(head)X: \(String(repeating: "a", count: 17_000))\r\n\r\n"),
            (.notImplemented, "POST /ping HTTP/1.1\r\n\(head)Transfer-Encoding: gzip, chunked\r\n\r\n"),
            (.httpVersionNotSupported, "GET /ping HTTP/3.0\r\n\(head)\r\n"),
        ]
        let port = try #require(stage.url.split(separator: ":").last.flatMap { UInt16($0) })
        for (code, text) in bytes {
            expect(code, try await RawExchange.answer(to: Array(text.utf8), port: port), of: "ping")
        }
        try await refuseSlowness()
    }

    /// The application's own limit is ten seconds: here the same refusal comes from a server that waits less.
    private func refuseSlowness() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.headTime = .milliseconds(20)
        configuration.lingerTime = .zero
        configuration.serverFault = { Service.answer(to: $0) }
        let server = HTTPServer(configuration: configuration) { _ in HTTPResponse(status: .ok) }
        let port = try server.start(host: "127.0.0.1", port: 0)
        let answer = try await RawExchange.answer(to: Array("GET /ping HTTP/1.1\r\n".utf8), port: port)
        await server.stop(deadline: .seconds(1))
        expect(.requestTimeout, answer, of: "ping")
    }

    // MARK: Our own faults

    /// Nothing that a client sends brings these about: a service is given a port that fails, and a pool that is closed.
    func breakDown() async throws {
        struct Unforeseen: Error {}
        let port = ProviderPort(
            dispatch: { _ in }, admit: { _, _ in .goes(.init()) }, giveBack: { _, _ in },
            awaitVerdict: { _, _, _ in nil }, receive: { _, _, _ in throw Unforeseen() },
            challenge: { _, _ in nil }, replayInbound: {}, owner: "test", leaseTime: .seconds(1))
        let pool = PostgresPool(stage.database.pool.configuration)
        await pool.stop()
        let service = Service(
            database: Database(pool), port: port, configuration: .init(version: "test"), erasureHashes: { _, _ in [] })
        expect(
            .internalError, await answer(of: service, .post, "/hooks/waha/x", [:]), of: "receiveWahaHook")
        let fields: HTTPFields = ["X-API-Key": stage.keys.full.text]
        expect(.unavailable, await answer(of: service, .get, "/api/v1/me", fields), of: "getMe")
        let readiness = await answer(of: service, .get, "/readyz", [:])
        #expect(readiness.status == 503)
        #expect(readiness.json["status"] == "database_unavailable")
        service.isDraining = true
        let draining = await answer(of: service, .get, "/readyz", [:])
        let documented = OpenAPIDocument.shared.operation("getReadiness")
            .flatMap { OpenAPIDocument.shared.response(503, of: $0)?.examples.first?.value["value"] }
        #expect(draining.json["status"] == documented?["status"])
        #expect(draining.code == documented?["code"]?.string)
        #expect(draining.json.object?.keys.sorted() == documented?.object?.keys.sorted())
    }

    private func answer(
        of service: Service, _ method: HTTPMethod, _ path: String, _ fields: HTTPFields
    ) async -> Answer {
        let response = await service.answer(
            HTTPRequest(method: method, target: path, fields: fields, body: [], peer: "127.0.0.1")
        ).response
        guard case .bytes(let bytes) = response.body else { return Answer(status: 0, fields: [:], body: []) }
        return Answer(status: response.status.code, fields: response.allFields, body: bytes)
    }
}
