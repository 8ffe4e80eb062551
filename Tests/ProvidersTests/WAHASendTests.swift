import Domain
import EventLoop
import HTTP
import JSON
import Testing

@testable import Providers

@Suite struct WAHASendTests {
    static let text = OutboundSend(
        recipient: Recipient(kind: .waID, value: "551187654321"), content: .text("Olá, Ana!"), callbackData: "1.42.1",
        presetMessageID: "3EB0AA")

    @Reactor
    static func access(_ provider: FakeProvider) -> ProviderAccess {
        ProviderAccess(provider: .waha, baseURL: provider.baseURL, token: "secret-key", session: "loja 1")
    }

    static func outcome(of answer: FakeProvider.Answer, _ send: OutboundSend = text) async throws -> AttemptOutcome {
        try await withProvider([answer]) { provider, client in
            await WAHAProvider(client: client, deadlines: answer.deadlines).send(send, via: access(provider))
        }
    }

    @Test func `a send carries session, chat, text and the id that was taken before`() async throws {
        var send = Self.text
        send.replyToProviderMessageID = "ABCD"
        try await withProvider([.http(201, #"{"id":"true_551187654321@c.us_3EB0AA"}"#)]) { [send] provider, client in
            let outcome = await WAHAProvider(client: client).send(send, via: Self.access(provider))
            #expect(outcome == .accepted(providerMessageID: "3EB0AA", waID: nil))
            #expect(provider.lastLine == "POST /api/sendText HTTP/1.1")
            #expect(provider.requests.last?.contains("\r\nX-Api-Key: secret-key\r\n") == true)
            #expect(
                provider.lastBody
                    == #"{"session":"loja 1","chatId":"551187654321@c.us","text":"Olá, Ana!","#
                    + #""reply_to":"false_551187654321@c.us_ABCD","id":"3EB0AA"}"#)
        }
    }

    @Test(arguments: [
        (#"{"id":"true_5511@c.us_3EB0BB","ack":1}"#, "accepted 3EB0BB -"),
        (#"{"id":"true_1203@g.us_3EB0BB_5511@c.us"}"#, "accepted 3EB0BB -"),
        (
            #"{"key":{"remoteJid":"5511@s.whatsapp.net","fromMe":true,"id":"3EB0BB"},"status":"PENDING"}"#,
            "accepted 3EB0BB -"
        ),
        (
            #"{"id":{"fromMe":true,"remote":"5511@c.us","id":"3EB0BB","_serialized":"true_5511@c.us_3EB0BB"}}"#,
            "accepted 3EB0BB -"
        ),
        (#"{"id":"3EB0BB"}"#, "accepted 3EB0BB -"), ("", "accepted 3EB0AA -"), ("{}", "unknown"),
        ("nonsense", "unknown"),
        (#"{"id":""}"#, "unknown"),
    ])
    func `every engine's answer comes down to the bare id`(_ body: String, _ brief: String) async throws {
        let outcome = try await Self.outcome(of: .http(201, body))
        #expect(outcome.brief == brief)
    }

    @Test func `an empty success without an id taken before is unknown`() async throws {
        var send = Self.text
        send.presetMessageID = nil
        let outcome = try await Self.outcome(of: .http(201, ""), send)
        #expect(outcome.brief == "unknown")
    }

    static let notReady =
        #"{"error":"Session status is not as expected. Try again later or restart the session","session":"s","#
        + #""status":"SCAN_QR_CODE","expected":["WORKING"]}"#

    @Test(arguments: [
        (401, #"{"message":"Unauthorized","statusCode":401}"#, "refused 401 holdInstance"),
        (404, #"{"message":"Session not found"}"#, "refused 404 fail"),
        (422, notReady, "notSent"),
        (422, #"{"message":"NotImplementedByEngineError: the method is not implemented"}"#, "refused 422 fail"),
        (422, "", "refused 422 fail"), (400, #"{"message":["text must be a string"]}"#, "refused 400 fail"),
        (429, "", "refused 429 fail"),
        (500, #"{"exception":{"message":"2 UNKNOWN: server returned error 463"}}"#, "refused 463 fail"),
        (500, #"{"exception":{"message":"2 UNKNOWN: server returned error 403"}}"#, "refused 403 fail"),
        (500, #"{"exception":{"message":"2 UNKNOWN: server returned error 500"}}"#, "unknown"),
        (
            500, #"{"exception":{"message":"2 UNKNOWN: no LID found for 551187654321@s.whatsapp.net from server"}}"#,
            "refused no_lid fail"
        ),
        (500, #"{"exception":{"message":"Error: No LID for user"}}"#, "refused no_lid fail"),
        (500, #"{"exception":{"message":"14 UNAVAILABLE: connect ECONNREFUSED /tmp/gows.sock"}}"#, "refused 500 fail"),
        (500, #"{"exception":{"message":"Timed Out"}}"#, "unknown"), (502, "<html>", "unknown"), (500, "", "unknown"),
    ])
    func `each refusal says whether the message can have gone out`(
        _ status: Int, _ body: String, _ brief: String
    ) async throws {
        let outcome = try await Self.outcome(of: .http(status, body))
        #expect(outcome.brief == brief)
    }

    @Test func `neither the stack, nor the echo of the request, nor the number is kept`() async throws {
        let body =
            #"{"statusCode":500,"exception":{"message":"failed for 551187654321@c.us: Olá, Ana!","stack":"at x.js"},"#
            + #""request":{"body":{"text":"Olá, Ana!","chatId":"551187654321@c.us"}}}"#
        let fault = try await Self.outcome(of: .http(500, body)).fault
        #expect(fault?.details == "failed for …: …")
    }

    @Test func `a broken exchange is unknown, and one that never began was not sent`() async throws {
        for answer in [FakeProvider.Answer.stall, .reset, .cut] {
            let outcome = try await Self.outcome(of: answer)
            #expect(outcome.brief == "unknown")
        }
        let outcome = try await withProvider([.stall]) { provider, client in
            let access = Self.access(provider)
            provider.close()
            return await WAHAProvider(client: client).send(Self.text, via: access)
        }
        #expect(outcome.brief == "notSent")
    }

    @Test func `what WAHA cannot carry is refused without a call`() async throws {
        let template = OutboundSend(
            recipient: Recipient(kind: .phone, value: "+5511"),
            content: .template(.init(name: "t", language: "pt_BR", components: [])), callbackData: "")
        let scoped = OutboundSend(
            recipient: Recipient(kind: .bsuid, value: "BR.1"), content: .text("x"), callbackData: "")
        try await withProvider([.http(201, "{}")]) { provider, client in
            for send in [template, scoped] {
                let outcome = await WAHAProvider(client: client).send(send, via: Self.access(provider))
                #expect(outcome.brief == "refused - fail")
            }
            #expect(provider.requests.isEmpty)
        }
    }

    @Test(arguments: [
        (Recipient(kind: .phone, value: "+5511987654321"), "5511987654321@c.us"),
        (Recipient(kind: .waID, value: "551187654321"), "551187654321@c.us"),
        (Recipient(kind: .lid, value: "123@lid"), "123@lid"), (Recipient(kind: .lid, value: "123"), "123@lid"),
    ])
    func `a recipient is written as the chat that WAHA knows`(_ recipient: Recipient, _ chat: String) {
        #expect(WAHAChatID.text(for: recipient) == chat)
    }
}
