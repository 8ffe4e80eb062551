import Domain
import EventLoop
import HTTP
import JSON
import Testing

@testable import Providers

@Suite struct WAHAQuestionTests {
    @Test func `a new message id is asked of the session`() async throws {
        try await withProvider([.http(200, #"{"id":"3EB0AA"}"#)]) { provider, client in
            let id = await WAHAProvider(client: client).presetMessageID(via: WAHASendTests.access(provider))
            #expect(id == .id("3EB0AA"))
            #expect(provider.lastLine == "GET /api/loja%201/new-message-id HTTP/1.1")
        }
    }

    @Test(arguments: [
        (404, #"{"message":"Cannot GET /api/s/new-message-id"}"#, "none"),
        (422, #"{"message":"NotImplementedByEngineError"}"#, "none"), (422, WAHASendTests.notReady, "notSent"),
        (401, "", "refused 401 holdInstance"), (500, "", "notSent"), (200, "{}", "notSent"),
        (400, "", "refused 400 fail"),
    ])
    func `without an id nothing is sent, unless WAHA has none to give`(
        _ status: Int, _ body: String, _ expected: String
    ) async throws {
        let brief = try await withProvider([.http(status, body)]) { provider, client in
            switch await WAHAProvider(client: client).presetMessageID(via: WAHASendTests.access(provider)) {
            case .id(let id): "id \(id)"
            case .none: "none"
            case .failed(let outcome): outcome.brief
            }
        }
        #expect(brief == expected)
    }

    @Test func `a lost answer to a question leaves the message unsent and worth another try`() async throws {
        for answer in [FakeProvider.Answer.stall, .reset, .cut] {
            let outcome = try await withProvider([answer]) { provider, client -> AttemptOutcome? in
                let waha = WAHAProvider(client: client, deadlines: answer.deadlines)
                guard case .failed(let outcome) = await waha.presetMessageID(via: WAHASendTests.access(provider)) else {
                    return nil
                }
                return outcome
            }
            #expect(outcome?.brief == "notSent")
            #expect(outcome?.fault?.retryable == true)
        }
    }

    static let phone = Recipient(kind: .phone, value: "+5511987654321")

    @Test(arguments: [
        (#"{"numberExists":true,"chatId":"551187654321@c.us"}"#, "waID 551187654321"),
        (#"{"numberExists":true,"chatId":"9876@lid"}"#, "lid 9876@lid"),
        (#"{"numberExists":true}"#, "phone +5511987654321"),
        (#"{"numberExists":true,"chatId":"1@g.us"}"#, "phone +5511987654321"),
        (#"{"numberExists":false}"#, "refused not_on_whatsapp fail"), ("{}", "notSent"),
    ])
    func `the chat that WAHA names is the one written to`(_ body: String, _ expected: String) async throws {
        try await withProvider([.http(200, body)]) { provider, client in
            let answer = await WAHAProvider(client: client)
                .resolveAddress(of: Self.phone, via: WAHASendTests.access(provider))
            #expect(
                provider.lastLine == "GET /api/contacts/check-exists?phone=5511987654321&session=loja%201 HTTP/1.1")
            switch answer {
            case .recipient(let recipient): #expect("\(recipient.kind) \(recipient.value)" == expected)
            case .failed(let outcome): #expect(outcome.brief == expected)
            }
        }
    }

    @Test func `an address that the provider gave is not asked about`() async throws {
        try await withProvider([.http(500, "")]) { provider, client in
            let known = Recipient(kind: .lid, value: "1@lid")
            let waha = WAHAProvider(client: client)
            #expect(await waha.resolveAddress(of: known, via: WAHASendTests.access(provider)) == .recipient(known))
            let cloud = CloudAPIProvider(client: client)
            #expect(
                await cloud.resolveAddress(of: Self.phone, via: CloudAPISendTests.access(provider))
                    == .recipient(Self.phone))
            #expect(await cloud.presetMessageID(via: CloudAPISendTests.access(provider)) == .none)
            #expect(provider.requests.isEmpty)
        }
    }

    @Test(arguments: [
        (
            200, #"{"name":"s","status":"WORKING","me":{"id":"5511987654321:3@c.us","pushName":"Loja"}}"#,
            Instance.Status.connected
        ),
        (200, #"{"name":"s","status":"STARTING","me":null}"#, .connecting),
        (200, #"{"name":"s","status":"SCAN_QR_CODE"}"#, .notConnected),
        (200, #"{"name":"s","status":"PASSKEY_REQUIRED"}"#, .notConnected),
        (200, #"{"name":"s","status":"FAILED"}"#, .disconnected),
        (200, #"{"name":"s","status":"STOPPED"}"#, .disconnected),
        (404, "", .notConnected), (401, "", .authFailed),
    ])
    func `a session's word is one of our statuses`(
        _ code: Int, _ body: String, _ status: Instance.Status
    ) async throws {
        try await withProvider([.http(code, body)]) { provider, client in
            let session = try await WAHAProvider(client: client)
                .sessionStatus(via: WAHASendTests.access(provider)).get()
            #expect(session.status == status)
            if status == .connected {
                #expect(session.phoneNumber == "+5511987654321")
                #expect(session.displayName == "Loja")
            }
        }
    }

    @Test func `WAHA lists no templates and is not asked`() async throws {
        try await withProvider([.http(500, "")]) { provider, client in
            let page = try await WAHAProvider(client: client)
                .listTemplates(via: WAHASendTests.access(provider), after: nil).get()
            #expect(page.templates.isEmpty)
            #expect(page.next == nil)
            #expect(provider.requests.isEmpty)
        }
    }
}
