import Crypto
import Domain
import HTTP
import JSON

@testable import Providers

extension FuzzTarget {
    /// What providers send: webhook bodies, their signatures, and the answers to calls.
    static let webhook = FuzzTarget(
        name: "webhook",
        seeds: cloudAPISeeds + wahaSeeds + [
            #"{"error":{"message":"(#131030) Recipient","code":131030,"error_data":{"details":"+55 (11) 98765-4321"}}}"#,
            #"{"messages":[{"id":"wamid.1"}],"contacts":[{"wa_id":"5511987654321"}]}"#,
            #"{"data":[{"id":1,"name":"a","language":"pt_BR","status":"APPROVED","components":[]}],"paging":{"next":"u"}}"#,
            #"{"exception":{"message":"server returned error 463"},"expected":["WORKING"]}"#,
        ],
        words: [
            "\"messages\":[", "\"statuses\":[", "\"errors\":[", "\"timestamp\":", "\"1749416383\"", "1e300", "-1",
            "\"from\":", "@c.us", "@lid", "@g.us", "@s.whatsapp.net", "true_", "false_", "\"key\":", "\"_data\":",
            ":12@",
            "message.ack", "session.status", "\"ack\":", "9223372036854775807", "\"nan\"", "\"infinity\"",
        ]
    ) { input in
        let body = input.material
        let cloudAPI = CloudAPIWebhook.items(of: body)
        let waha = WAHAWebhook.items(of: body)
        for item in cloudAPI + waha { judge(item) }
        claim(waha.count == 1, "\(waha.count) items in one event")
        if let json = try? JSONParser.parse(body) {
            claim(CloudAPIWebhook.items(of: json.serialized()) == cloudAPI, "the same JSON tells something else")
            claim(WAHAWebhook.items(of: json.serialized()) == waha, "the same JSON tells something else")
            _ = WAHAWebhook.eventID(of: body)
        }
        judgeSignatures(body, &input)
        judgeAnswers(body, status: input.one(of: [200, 201, 400, 401, 404, 408, 422, 429, 500, 503]))
        let safe = ProviderWords.safe(input.text, quoting: [String(input.text.prefix(5))])
        claim(safe.count <= 500, "\(safe.count) characters of a provider's words")
    }

    private static func judge(_ item: InboundItem) {
        switch item {
        case .message(let message):
            claim(!message.providerMessageID.isEmpty && !message.type.isEmpty, "a message without id or type")
            claim(!message.sender.isEmpty, "a message of nobody")
            judge(message.sender)
            judge(message.timestamp)
        case .status(let update):
            claim(!update.providerMessageID.isEmpty, "a status of nothing")
            judge(update.recipient)
            judge(update.timestamp)
        case .session(let update): judge(update.timestamp)
        case .preference(let preference):
            claim(!preference.user.isEmpty, "a preference of nobody")
            judge(preference.user)
            judge(preference.timestamp)
        case .messagingLimit(let update): claim(!update.word.isEmpty, "a limit without a word")
        case .other, .ignored, .malformed: break
        }
    }

    private static func judge(_ who: SenderIdentifiers) {
        for digits in [who.waID, who.lid.map { String($0.dropLast("@lid".count)) }].compactMap(\.self) {
            claim(!digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }, "\(digits) are no digits")
            _ = PhoneNumber(waID: digits)?.matchKey
        }
    }

    /// Told in seconds or milliseconds, it is some day that can be written.
    private static func judge(_ time: Timestamp) {
        claim(time >= Timestamp(microseconds: 0) && time <= Timestamp.latest, "\(time.microseconds) is no day")
    }

    private static func judgeSignatures(_ body: [UInt8], _ input: inout FuzzInput) {
        let key = "key"
        let forMeta = "sha256=" + Hex.encode(HMAC.sha256(key: Array(key.utf8), message: body))
        let forWAHA = Hex.encode(HMAC.sha512(key: Array(key.utf8), message: body))
        claim(CloudAPIWebhook.verify(body: body, signatureHeader: forMeta, appSecret: key), "Meta's signature fails")
        claim(WAHAWebhook.verify(body: body, signatureHeader: forWAHA, key: key), "WAHA's signature fails")
        for forged in [input.text, "sha256=" + input.text, String(forMeta.dropLast()), forMeta + "0"] {
            claim(!CloudAPIWebhook.verify(body: body, signatureHeader: forged, appSecret: key), "a forgery passes")
            claim(!WAHAWebhook.verify(body: body, signatureHeader: forged, key: key), "a forgery passes")
        }
        let other = body + [0]
        claim(!CloudAPIWebhook.verify(body: other, signatureHeader: forMeta, appSecret: key), "another body passes")
        if let escaped = CloudAPIWebhook.escapingNonASCII(body) {
            claim(escaped.allSatisfy { $0 < 0x80 }, "an escaped body has other than ASCII")
            let parsed = (try? JSONParser.parse(body), try? JSONParser.parse(escaped))
            if let plain = parsed.0 { claim(parsed.1 == plain, "an escaped body is another value") }
        }
    }

    private static func judgeAnswers(_ body: [UInt8], status: Int) {
        let response = ProviderResponse(HTTPClientResponse(status: HTTPStatus(code: status), body: body))
        for outcome in [
            CloudAPIReceipt.outcome(of: response, quoting: ["Ana"]),
            WAHAReceipt.outcome(of: response, presetMessageID: "3EB0", quoting: ["Ana"]),
            WAHAReceipt.outcome(ofQuestion: response),
        ] {
            guard case .accepted(let id, _) = outcome else { continue }
            claim(!id.isEmpty && (200..<300).contains(status), "accepted by a \(status), as \(id)")
        }
        if let page = CloudAPITemplateList.page(of: response.json) {
            for template in page.templates {
                _ = TemplateContent(
                    components: template.components, parameterFormat: template.parameterFormat,
                    category: template.category, labels: [])
            }
        }
        _ = (CloudAPIPhoneNumber.session(of: response.json), WAHASession.session(of: response.json))
    }
}
