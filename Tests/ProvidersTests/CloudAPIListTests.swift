import Domain
import EventLoop
import HTTP
import JSON
import Testing

@testable import Providers

@Suite struct CloudAPIListTests {
    static let entry =
        #"{"id":"564750795574598","name":"order_update","language":"pt_BR","status":"PAUSED","category":"UTILITY","#
        + #""parameter_format":"NAMED","quality_score":{"score":"GREEN"},"rejected_reason":"NONE","#
        + #""components":[{"type":"BODY","text":"Oi {{first_name}}!"}]}"#

    @Test func `pages are followed by their cursors until there is no next`() async throws {
        let first = #"{"data":[\#(Self.entry),{"id":"1"}],"paging":{"cursors":{"after":"c=1"},"next":"https://x"}}"#
        let last = #"{"data":[],"paging":{"cursors":{"after":"c2"}}}"#
        try await withProvider([.http(200, first), .http(200, last)]) { provider, client in
            let cloud = CloudAPIProvider(client: client)
            let page = try await cloud.listTemplates(via: CloudAPISendTests.access(provider), after: nil).get()
            #expect(
                provider.lastLine
                    == "GET /v23.0/102290129340398/message_templates?fields=\(CloudAPITemplateList.fields)&limit=100 HTTP/1.1"
            )
            #expect(page.unreadable == 1)
            #expect(page.next == "c=1")
            let template = try #require(page.templates.first)
            #expect(template.name == "order_update")
            #expect(template.status == .paused)
            #expect(template.parameterFormat == .named)
            #expect(template.qualityRating == "GREEN")
            #expect(template.rejectedReason == nil)
            #expect(template.components[0]?["type"]?.string == "BODY")
            let end = try await cloud.listTemplates(via: CloudAPISendTests.access(provider), after: page.next).get()
            #expect(provider.lastLine.contains("&after=c%3D1 "))
            #expect(end.next == nil)
        }
    }

    @Test(arguments: [
        ("APPROVED", Template.Status.approved), ("PENDING", .pending), ("IN_APPEAL", .pending), ("REJECTED", .rejected),
        ("PAUSED", .paused), ("DISABLED", .disabled), ("ARCHIVED", .disabled), ("SOMETHING_NEW", .disabled),
    ])
    func `only what Meta calls approved is approved`(_ word: String, _ status: Template.Status) {
        #expect(Template.Status(providerStatus: word) == status)
    }

    @Test func `a refused or unreadable list is a fault`() async throws {
        let error = #"{"error":{"message":"Limit","code":80007}}"#
        try await withProvider([.http(400, error), .http(200, "{}"), .http(500, ""), .reset]) { provider, client in
            let cloud = CloudAPIProvider(client: client)
            var faults: [ProviderFault] = []
            for _ in 0..<4 {
                let page = await cloud.listTemplates(via: CloudAPISendTests.access(provider), after: nil)
                if case .failure(let fault) = page { faults.append(fault) }
            }
            #expect(faults.map(\.code) == ["80007", nil, nil, nil])
            #expect(faults.map(\.retryable) == [true, false, true, true])
        }
    }

    @Test(arguments: [
        ("CONNECTED", Instance.Status.connected), ("FLAGGED", .disconnected), ("BANNED", .disabled),
        ("DELETED", .loggedOut), ("PENDING", .notConnected), ("NEW_WORD", .notConnected),
    ])
    func `a number's status is one of ours, with Meta's word beside it`(
        _ word: String, _ status: Instance.Status
    ) async throws {
        let body =
            #"{"id":"1","display_phone_number":"+55 11 98765-4321","verified_name":"Loja","status":"\#(word)","#
            + #""quality_rating":"GREEN","throughput":{"level":"STANDARD"},"#
            + #""whatsapp_business_manager_messaging_limit":"TIER_2K"}"#
        try await withProvider([.http(200, body)]) { provider, client in
            let session = try await CloudAPIProvider(client: client)
                .sessionStatus(via: CloudAPISendTests.access(provider)).get()
            #expect(
                session
                    == ProviderSession(
                        status: status, providerStatus: word, phoneNumber: "+55 11 98765-4321", displayName: "Loja",
                        qualityRating: "GREEN", messagingLimit: "TIER_2K", throughputLevel: "STANDARD"))
        }
    }

    @Test func `refused credentials are a status and not a fault`() async throws {
        let error = #"{"error":{"message":"Error validating access token","code":190}}"#
        try await withProvider([.http(401, error)]) { provider, client in
            let session = try await CloudAPIProvider(client: client)
                .sessionStatus(via: CloudAPISendTests.access(provider)).get()
            #expect(session.status == .authFailed)
            #expect(session.providerStatus == "190")
        }
    }
}
