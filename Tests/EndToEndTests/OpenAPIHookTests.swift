import API
import Crypto
import Delivery
import Domain
import EventLoop
import HTTP
import JSON
import Storage
import TestSupport
import Testing

@testable import leadwire

/// The documented webhooks, signed as the document says.
@Suite struct OpenAPIHookTests {
    @Test func `the documented webhooks are taken under their signatures alone`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let database = Database(pool)
            var settings = try Settings([:])
            settings.secretKey = Hex.encode(SecureRandom.bytes(32))
            let secrets = try SecretFile.secrets(settings)
            for (provider, token) in [(Instance.Provider.cloudAPI, "meta-token"), (.waha, "waha-token")] {
                let hash = SHA256.digest(Array(token.utf8))
                _ = try await database.hooks.create(
                    provider, tokenHash: hash,
                    sealedSecrets: secrets.sealHook(.init(key: "key", verifyToken: "verify"), tokenHash: hash),
                    now: Timestamp.current)
            }
            try await Self.judge(Application(database, secrets: secrets).service)
        }
    }

    @Reactor
    private static func judge(_ service: Service) async throws {
        let document = OpenAPIDocument.shared
        let key = Array("key".utf8)
        let hooks: [(id: String, token: String, field: String, sign: ([UInt8]) -> String)] = [
            (
                "receiveCloudApiHook", "meta-token", "X-Hub-Signature-256",
                { "sha256=" + Hex.encode(HMAC.sha256(key: key, message: $0)) }
            ),
            (
                "receiveWahaHook", "waha-token", "X-Webhook-Hmac",
                { Hex.encode(HMAC.sha512(key: key, message: $0)) }
            ),
        ]
        for hook in hooks {
            let operation = try #require(document.operation(hook.id))
            let response = try #require(document.response(200, of: operation))
            let example = try #require(response.examples.first)
            let body = try #require(document.requestBody(of: operation, example.key)).serialized()
            let path = operation.path.replacing("{token}", with: hook.token)
            let taken = await post(service, path, [hook.field: hook.sign(body)], body)
            #expect(taken.status == 200)
            #expect(taken.json == example.value["value"])
            let forged = [
                await post(service, path, [hook.field: hook.sign(body + [0x20])], body),
                await post(service, path, [:], body),
                await post(service, path + "x", [hook.field: hook.sign(body)], body),
            ]
            let schema = try #require(document.response(401, of: operation)?.schema)
            for answer in forged {
                #expect(answer.code == "unauthorized")
                #expect(OpenAPISchemaChecker.check(answer.json, schema, isClosed: true).faults == [])
            }
        }
        let asked = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
        let challenge = await get(service, "/hooks/cloud-api/meta-token?\(asked)verify")
        let documented = document.operation("verifyCloudApiHook")
            .flatMap { document.response(200, of: $0)?.examples.first?.value["value"]?.string }
        #expect(challenge.text == documented)
        #expect(await get(service, "/hooks/cloud-api/meta-token?\(asked)other").status == 401)
    }

    @Reactor
    private static func post(
        _ service: Service, _ path: String, _ fields: HTTPFields, _ body: [UInt8]
    ) async -> Answer {
        answer(
            await service.answer(
                HTTPRequest(method: .post, target: path, fields: fields, body: body, peer: "127.0.0.1")
            ).response)
    }

    @Reactor
    private static func get(_ service: Service, _ target: String) async -> Answer {
        answer(
            await service.answer(
                HTTPRequest(method: .get, target: target, fields: [:], body: [], peer: "127.0.0.1")
            ).response)
    }

    private static func answer(_ response: HTTPResponse) -> Answer {
        guard case .bytes(let bytes) = response.body else { return Answer(status: 0, fields: [:], body: []) }
        return Answer(status: response.status.code, fields: response.allFields, body: bytes)
    }
}
