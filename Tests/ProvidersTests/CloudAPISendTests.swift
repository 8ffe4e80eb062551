import Domain
import EventLoop
import HTTP
import JSON
import Testing

@testable import Providers

@Suite struct CloudAPISendTests {
    static let text = OutboundSend(
        recipient: Recipient(kind: .phone, value: "+5511987654321"), content: .text("Olá, Ana!"),
        callbackData: "1.42.1")

    @Reactor
    static func access(_ provider: FakeProvider) -> ProviderAccess {
        ProviderAccess(
            provider: .cloudAPI, baseURL: provider.baseURL + "/", token: "secret-token",
            phoneNumberID: "106540352242922",
            businessAccountID: "102290129340398")
    }

    static func outcome(of answer: FakeProvider.Answer, _ send: OutboundSend = text) async throws -> AttemptOutcome {
        try await withProvider([answer]) { provider, client in
            await CloudAPIProvider(client: client, deadlines: answer.deadlines).send(send, via: access(provider))
        }
    }

    @Test func `a send goes to the number's messages with the token and its body`() async throws {
        let answer =
            #"{"messaging_product":"whatsapp","contacts":[{"input":"+5511987654321","wa_id":"551187654321"}],"#
            + #""messages":[{"id":"wamid.HBg","message_status":"accepted"}]}"#
        try await withProvider([.http(200, answer)]) { provider, client in
            let outcome = await CloudAPIProvider(client: client).send(Self.text, via: Self.access(provider))
            #expect(outcome == .accepted(providerMessageID: "wamid.HBg", waID: "551187654321"))
            #expect(provider.lastLine == "POST /v23.0/106540352242922/messages HTTP/1.1")
            let request = try #require(provider.requests.last)
            #expect(request.contains("\r\nAuthorization: Bearer secret-token\r\n"))
            #expect(request.contains("\r\nContent-Type: application/json\r\n"))
            #expect(
                provider.lastBody
                    == #"{"messaging_product":"whatsapp","recipient_type":"individual","to":"+5511987654321","#
                    + #""biz_opaque_callback_data":"1.42.1","type":"text","text":{"body":"Olá, Ana!"}}"#)
        }
    }

    @Test(arguments: [
        (#"{"messages":[{"id":"wamid.1","message_status":"held_for_quality_assessment"}]}"#, "accepted wamid.1 -"),
        (#"{"messages":[{"id":"wamid.1"}],"contacts":[{"user_id":"BR.1"}]}"#, "accepted wamid.1 -"),
        (#"{"messages":[{"id":""}]}"#, "unknown"), (#"{"messages":[]}"#, "unknown"), ("{}", "unknown"),
        ("[1]", "unknown"), ("<html>ok</html>", "unknown"), ("", "unknown"), (#"{"messages":[{"id":7}]}"#, "unknown"),
    ])
    func `a success counts only with a message id`(_ body: String, _ brief: String) async throws {
        let outcome = try await Self.outcome(of: .http(200, body))
        #expect(outcome.brief == brief)
    }

    @Test(arguments: [
        (190, 401, "holdInstance"), (0, 401, "holdInstance"), (131_047, 400, "windowClosed"),
        (131_050, 400, "optedOut"), (132_001, 404, "templateStale"), (132_015, 400, "templateStale"),
        (132_000, 400, "templateStale"), (4, 400, "retryLater"), (80_007, 429, "retryLater"),
        (130_429, 400, "retryLater"), (131_056, 400, "retryLater"), (2, 503, "retryLater"),
        (131_016, 500, "retryLater"), (131_057, 500, "retryLater"), (133_004, 503, "retryLater"),
        (100, 400, "fail"), (131_026, 400, "fail"), (131_030, 400, "fail"), (131_000, 500, "fail"), (1, 500, "fail"),
        (999_999, 500, "fail"), (131_049, 200, "fail"),
    ])
    func `an error code decides, whatever the HTTP status`(
        _ code: Int, _ status: Int, _ disposition: String
    ) async throws {
        let body =
            #"{"error":{"message":"(#\#(code)) Some words","type":"OAuthException","code":\#(code),"#
            + #""error_data":{"messaging_product":"whatsapp","details":"More words"},"fbtrace_id":"A1"}}"#
        let outcome = try await Self.outcome(of: .http(status, body))
        #expect(outcome.brief == "refused \(code) \(disposition)")
        #expect(outcome.fault?.title == "Some words")
        #expect(outcome.fault?.details == "More words")
        #expect(outcome.fault?.retryable == CloudAPIErrorCode(code).isRetryable)
    }

    @Test(arguments: [
        (400, "<html>", "refused - fail"), (404, "", "refused - fail"), (401, "{}", "refused - fail"),
        (400, #"{"error":{"message":"no code"}}"#, "refused - fail"), (408, "", "unknown"), (429, "", "refused - fail"),
        (500, "", "unknown"), (502, "<html>Bad gateway</html>", "unknown"), (503, "{}", "unknown"),
        (500, #"{"error":"x"}"#, "unknown"), (302, "", "unknown"),
    ])
    func `the HTTP status decides only where no code can be read`(
        _ status: Int, _ body: String, _ brief: String
    ) async throws {
        let outcome = try await Self.outcome(of: .http(status, body))
        #expect(outcome.brief == brief)
    }

    @Test func `a broken exchange after the request is unknown`() async throws {
        for answer in [FakeProvider.Answer.stall, .reset, .cut] {
            let outcome = try await Self.outcome(of: answer)
            #expect(outcome.brief == "unknown")
            #expect(outcome.fault?.retryable == false)
        }
    }

    @Test func `a provider that is not there was sent nothing`() async throws {
        let outcome = try await withProvider([.stall]) { provider, client in
            let access = Self.access(provider)
            provider.close()
            return await CloudAPIProvider(client: client).send(Self.text, via: access)
        }
        #expect(outcome.brief == "notSent")
        #expect(outcome.fault?.retryable == true)
    }

    @Test(arguments: ["", "graph.facebook.com", "ftp://h", "http://u:p@h"])
    func `an address that is no URL sends nothing and is not tried again`(_ base: String) async throws {
        let outcome = try await onReactor {
            let client = HTTPClient()
            let access = ProviderAccess(provider: .cloudAPI, baseURL: base, token: "t", phoneNumberID: "1")
            return await CloudAPIProvider(client: client).send(Self.text, via: access)
        }
        #expect(outcome.brief == "notSent")
        #expect(outcome.fault?.retryable == false)
    }

    @Test func `what Meta quotes of our words and numbers is not kept`() async throws {
        let body =
            #"{"error":{"message":"(#100) Invalid parameter Olá, Ana!","code":100,"error_data":{"details":"#
            + #""+55 (11) 98765-4321 and 5511987654321 got 'Olá, Ana!' (max 1024)"}}}"#
        let fault = try await Self.outcome(of: .http(400, body)).fault
        #expect(fault?.title == "Invalid parameter …")
        #expect(fault?.details == "+… and … got '…' (max 1024)")
    }

    @Test func `no description of the access shows the token`() {
        let access = ProviderAccess(
            provider: .cloudAPI, baseURL: "http://h", token: "secret-token", phoneNumberID: "106540352242922")
        var dumped = ""
        dump(access, to: &dumped)
        for text in ["\(access)", String(reflecting: access), dumped] {
            #expect(!text.contains("secret-token"))
            #expect(text.contains("106540352242922"))
        }
    }
}
