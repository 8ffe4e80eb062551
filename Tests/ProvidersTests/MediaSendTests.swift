import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Testing

@testable import Providers

/// Files, places, buttons and lists, as each provider's page has them.
@Suite struct MediaSendTests {
    private static let recipient = Recipient(kind: .phone, value: "+5511987654321")
    private static let chunks: [[UInt8]] = [Array("abc".utf8), Array("def".utf8), Array("gh".utf8)]

    private static func file(_ type: String, filename: String? = nil) -> OutboundFile {
        let medium = Medium(
            id: Medium.ID(7), source: .upload, kind: .document, mimeType: type, filename: filename, size: 8,
            sha256: [1],
            instanceID: nil, createdAt: Timestamp(seconds: 0))
        return OutboundFile(medium, filename: nil, chunkCount: chunks.count) { chunks[$0] }
    }

    private static func media(
        _ kind: MediaKind, _ reference: MediaReference, caption: String? = nil, filename: String? = nil
    ) -> OutboundContent {
        .media(.init(kind: kind, reference: reference, caption: caption, filename: filename))
    }

    @Test func `a message to Meta has the documented shape for each type`() throws {
        func body(_ content: OutboundContent) throws -> JSONValue? {
            try CloudAPIMessageBody.bytes(
                of: OutboundSend(recipient: Self.recipient, content: content, callbackData: "")
            ).map { try JSONParser.parse($0) }
        }
        let image = try body(Self.media(.image, .id("9"), caption: "Veja"))
        #expect(image?["type"] == "image")
        #expect(image?["image"] == ["id": "9", "caption": "Veja"])
        #expect(
            try body(Self.media(.document, .link("https://a/b"), filename: "a.pdf"))?["document"]
                == ["link": "https://a/b", "filename": "a.pdf"])
        let place = GeoLocation(
            latitude: JSONNumber("-23.5")!, longitude: JSONNumber(46), name: nil, address: "Rua 1")
        #expect(
            try body(.location(place))?["location"]
                == ["latitude": .number(JSONNumber("-23.5")!), "longitude": 46, "address": "Rua 1"])
        let buttons = try body(.buttons(ReplyButtons(body: "Sim?", buttons: [.init(id: "s", title: "Sim")])))
        #expect(buttons?["type"] == "interactive")
        #expect(
            buttons?["interactive"] == [
                "type": "button", "body": ["text": "Sim?"],
                "action": ["buttons": [["type": "reply", "reply": ["id": "s", "title": "Sim"]]]],
            ])
        let list = OptionList(
            body: "Qual?", footer: "f", button: "Ver",
            sections: [.init(title: "t", rows: [.init(id: "1", title: "um", description: "d")])])
        #expect(
            try body(.list(list))?["interactive"] == [
                "type": "list", "body": ["text": "Qual?"], "footer": ["text": "f"],
                "action": [
                    "button": "Ver",
                    "sections": [["title": "t", "rows": [["id": "1", "title": "um", "description": "d"]]]],
                ],
            ])
    }

    @Test func `a file is uploaded to Meta as a form of three parts`() async throws {
        try await withProvider([.http(200, #"{"id":"4711"}"#)]) { provider, client in
            let access = ProviderAccess(
                provider: .cloudAPI, baseURL: provider.baseURL, token: "t", phoneNumberID: "10")
            let placed = await CloudAPIProvider(client: client).place(
                Self.file("application/pdf", filename: "a\"b.pdf"), via: access)
            #expect(placed == .id("4711"))
            #expect(provider.lastLine == "POST /v23.0/10/media HTTP/1.1")
            let request = try #require(provider.requests.last)
            let boundary = try #require(request.firstMatch(of: /boundary=([^\r]+)/)?.1)
            #expect(request.contains("\r\nAuthorization: Bearer t\r\n"))
            #expect(
                request.hasSuffix(
                    "--\(boundary)\r\nContent-Disposition: form-data; name=\"messaging_product\"\r\n\r\nwhatsapp\r\n"
                        + "--\(boundary)\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\napplication/pdf\r\n"
                        + "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b.pdf\"\r\n"
                        + "Content-Type: application/pdf\r\n\r\nabcdefgh\r\n--\(boundary)--\r\n"))
        }
    }

    @Test(arguments: [
        (FakeProvider.Answer.http(200, "{}"), "not_sent"), (.http(500, "<html>"), "not_sent"), (.reset, "not_sent"),
        (.cut, "not_sent"), (.http(400, #"{"error":{"code":131053,"message":"x"}}"#), "refused fail"),
        (.http(401, #"{"error":{"code":190,"message":"x"}}"#), "refused holdInstance"),
        (.http(400, #"{"error":{"code":130429,"message":"x"}}"#), "refused retryLater"),
        (.http(404, ""), "refused fail"),
    ])
    func `whatever becomes of an upload, nothing was sent`(
        _ answer: FakeProvider.Answer, _ expected: String
    ) async throws {
        try await withProvider([answer]) { provider, client in
            let access = ProviderAccess(
                provider: .cloudAPI, baseURL: provider.baseURL, token: "t", phoneNumberID: "10")
            let placed = await CloudAPIProvider(client: client).place(Self.file("image/png"), via: access)
            switch placed {
            case .failed(.notSent(let fault)):
                #expect(expected == "not_sent")
                #expect(fault.retryable)
            case .failed(.refused(_, let disposition)): #expect(expected == "refused \(disposition)")
            default: Issue.record("\(placed)")
            }
        }
    }

    @Test(arguments: [
        (
            MediaKind.image, "image/png", "POST /api/sendImage HTTP/1.1",
            #"{"session":"s","chatId":"5511987654321@c.us","caption":"oi","reply_to":"false_5511987654321@c.us_AB","#
                + #""file":{"mimetype":"image/png","filename":"file.png","data":"YWJjZGVmZ2g="}}"#
        ),
        (
            .audio, "audio/mpeg", "POST /api/sendVoice HTTP/1.1",
            #"{"session":"s","chatId":"5511987654321@c.us","caption":"oi","reply_to":"false_5511987654321@c.us_AB","#
                + #""convert":true,"file":{"mimetype":"audio/mpeg","filename":"file.mp3","data":"YWJjZGVmZ2g="}}"#
        ),
        (
            .video, "video/mp4", "POST /api/sendVideo HTTP/1.1",
            #"{"session":"s","chatId":"5511987654321@c.us","caption":"oi","reply_to":"false_5511987654321@c.us_AB","#
                + #""convert":false,"file":{"mimetype":"video/mp4","filename":"file.mp4","data":"YWJjZGVmZ2g="}}"#
        ),
    ])
    func `a file goes to WAHA inside the message, in base64`(
        _ kind: MediaKind, _ type: String, _ line: String, _ body: String
    ) async throws {
        try await withProvider([.http(201, #"{"id":"true_1@c.us_3EB0"}"#)]) { provider, client in
            let access = ProviderAccess(provider: .waha, baseURL: provider.baseURL, token: "k", session: "s")
            let send = OutboundSend(
                recipient: Self.recipient, content: Self.media(kind, .stored(Medium.ID(7)), caption: "oi"),
                callbackData: "",
                replyToProviderMessageID: "AB", file: Self.file(type))
            let waha = WAHAProvider(client: client)
            #expect(await waha.place(Self.file(type), via: access) == .withMessage)
            #expect(!waha.takesPresetID(send.content))
            #expect(await waha.send(send, via: access) == .accepted(providerMessageID: "3EB0", waID: nil))
            #expect(provider.lastLine == line)
            #expect(provider.lastBody == body)
        }
    }

    @Test func `WAHA is sent no link, no buttons and no lists`() async throws {
        try await withProvider([.http(201, #"{"id":"true_1@c.us_3EB0"}"#)]) { provider, client in
            let access = ProviderAccess(provider: .waha, baseURL: provider.baseURL, token: "k", session: "s")
            for content in [
                Self.media(.image, .link("http://169.254.169.254/")),
                .buttons(ReplyButtons(body: "a", buttons: [])), .list(OptionList(body: "a", button: "b", sections: [])),
            ] {
                let outcome = await WAHAProvider(client: client).send(
                    OutboundSend(recipient: Self.recipient, content: content, callbackData: ""), via: access)
                guard case .refused(_, .fail) = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
            }
            #expect(provider.requests.isEmpty)
        }
    }

    @Test(arguments: [
        ("https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1", true),
        ("https://mmg.whatsapp.net/a", true),
        ("http://lookaside.fbsbx.com/a", false), ("https://fbsbx.com.evil.example/a", false),
        ("https://evilfbsbx.com/a", false), ("https://169.254.169.254/", false), ("https://graph.facebook.com/a", true),
        ("http://graph.example:8080/a", true), ("http://graph.example/a", false),
    ])
    func `the token goes to Meta's hosts alone`(_ url: String, _ isMetas: Bool) throws {
        let access = ProviderAccess(provider: .cloudAPI, baseURL: "http://graph.example:8080", token: "t")
        #expect(CloudAPIMediaHost.isMetas(try #require(HTTPURL(url)), of: access) == isMetas)
    }

    @Test func `a download that leads away from Meta is not followed`() async throws {
        try await withProvider([.http(200, #"{"url":"https://evil.example/a"}"#)]) { provider, client in
            let access = ProviderAccess(provider: .cloudAPI, baseURL: provider.baseURL, token: "t")
            let result = await CloudAPIProvider(client: client).download("9", via: access, patience: .seconds(5))
            guard case .failure(let fault) = result else {
                Issue.record("it was followed")
                return
            }
            #expect(!fault.retryable)
            #expect(provider.requests.count == 1)
        }
    }

    @Test func `a file at WAHA is fetched from the channel's own server, whatever WAHA calls itself`() async throws {
        try await withProvider([.http(200, "abc")]) { provider, client in
            let access = ProviderAccess(provider: .waha, baseURL: provider.baseURL, token: "k", session: "s")
            let result = await WAHAProvider(client: client).download(
                "http://localhost:3000/api/files/s/a.jpg", via: access, patience: .seconds(5))
            guard case .success(let stream) = result else {
                Issue.record("\(result)")
                return
            }
            let bytes = try await stream.body.read()
            #expect(bytes == Array("abc".utf8))
            #expect(provider.lastLine == "GET /api/files/s/a.jpg HTTP/1.1")
            #expect(provider.requests.last?.contains("\r\nX-Api-Key: k\r\n") == true)
        }
    }

    @Test func `received files are read from both providers' webhooks`() throws {
        let hash = SHA256.digest([1])
        for written in [Hex.encode(hash), Base64.encode(hash)] {
            let message: JSONValue = [
                "from": "5511987654321", "id": "wamid.1", "timestamp": "1795000000", "type": "document",
                "document": [
                    "id": "77", "mime_type": "application/pdf; a=b", "sha256": .string(written), "filename": "a.pdf",
                ],
            ]
            let item = CloudAPIInboundMessage.item(message, instance: .phoneNumberID("1"), contacts: [])
            guard case .message(let inbound) = item else {
                Issue.record("\(item)")
                return
            }
            #expect(
                inbound.media
                    == InboundMedia(
                        kind: .document, mimeType: "application/pdf", filename: "a.pdf", place: "77", sha256: hash))
        }
        for (given, kept) in [
            ("Image/JPEG; a=b", "image/jpeg"), ("audio/ogg; codecs=opus", "audio/ogg"),
            ("text/html\r\nX: y", "application/octet-stream"), ("", "application/octet-stream"),
            ("image", "application/octet-stream"), ("a/b/c", "application/octet-stream"),
        ] {
            let media = InboundMedia(kind: .image, mimeType: given, filename: nil, place: "1", sha256: nil)
            #expect(media.mimeType == kept, "\(given)")
        }
        let payload: JSONValue = [
            "id": "false_5511@c.us_AB", "from": "5511987654321@c.us", "fromMe": false, "timestamp": 1_795_000_000,
            "hasMedia": true, "media": ["url": "http://localhost:3000/api/files/s/a.jpg", "mimetype": "image/jpeg"],
        ]
        let item = WAHAInboundMessage.item(payload, instance: .session("s"))
        guard case .message(let inbound) = item else {
            Issue.record("\(item)")
            return
        }
        #expect(inbound.media?.kind == .image)
        #expect(inbound.media?.place == "http://localhost:3000/api/files/s/a.jpg")
        let empty = WAHAInboundMessage.item(
            .object(JSONObject((payload.object?.members ?? []).map { ($0.key, $0.key == "media" ? .null : $0.value) })),
            instance: .session("s"))
        guard case .message(let without) = empty else {
            Issue.record("\(empty)")
            return
        }
        #expect(without.media == nil)
    }
}
