import Domain
import JSON
import Testing

@testable import Providers

@Suite struct CloudAPIWebhookTests {
    private func items(_ changes: String...) -> [InboundItem] {
        let entries = changes.map { #"{"id":"102290129340398","changes":[\#($0)]}"# }.joined(separator: ",")
        return CloudAPIWebhook.items(
            of: Array(#"{"object":"whatsapp_business_account","entry":[\#(entries)]}"#.utf8))
    }

    private func messages(_ value: String, number: String = "106540352242922") -> String {
        #"{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"1555","#
            + #""phone_number_id":"\#(number)"},\#(value)}}"#
    }

    private func read(_ body: String, type: String) -> InboundMessage? {
        let value =
            #""contacts":[{"profile":{"name":"Ana"},"wa_id":"5511987654321"}],"#
            + #""messages":[{"from":"5511987654321","id":"wamid.1","timestamp":"1749416383","type":"\#(type)"\#(body)}]"#
        guard case .message(let message)? = items(messages(value)).first else { return nil }
        return message
    }

    @Test func `a text says who wrote what, when, to which number`() throws {
        let message = try #require(read(#","text":{"body":"Oi"},"context":{"id":"wamid.0"}"#, type: "text"))
        #expect(message.instance == .phoneNumberID("106540352242922"))
        #expect(message.providerMessageID == "wamid.1")
        #expect(message.sender == SenderIdentifiers(waID: "5511987654321"))
        #expect(message.sender.phone == "+5511987654321")
        #expect(message.profileName == "Ana")
        #expect(message.timestamp == Timestamp(seconds: 1_749_416_383))
        #expect(message.text == "Oi")
        #expect(message.opensWindow)
        #expect(message.repliesTo == "wamid.0")
        #expect(message.raw["text"]?["body"]?.string == "Oi")
    }

    @Test(arguments: [
        ("image", #","image":{"id":"1","caption":"c"}"#, "c", true), ("video", #","video":{"id":"1"}"#, nil, true),
        ("audio", #","audio":{"id":"1","voice":true}"#, nil, true), ("sticker", #","sticker":{"id":"1"}"#, nil, true),
        ("document", #","document":{"id":"1","caption":"d","filename":"f"}"#, "d", true),
        ("location", #","location":{"latitude":1,"longitude":2,"name":"Loja"}"#, "Loja", true),
        ("contacts", #","contacts":[{}]"#, nil, true),
        ("button", #","button":{"payload":"p","text":"Sim"}"#, "Sim", true),
        (
            "interactive", #","interactive":{"type":"button_reply","button_reply":{"id":"1","title":"Sim"}}"#, "Sim",
            true
        ),
        ("interactive", #","interactive":{"type":"list_reply","list_reply":{"id":"1","title":"Um"}}"#, "Um", true),
        (
            "interactive", #","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","body":"Sent"}}"#, "Sent",
            true
        ),
        ("order", #","order":{"text":"2 pães"}"#, "2 pães", true),
        ("unsupported", #","errors":[{"code":131051}]"#, nil, true), ("request_welcome", "", nil, true),
        ("reaction", #","reaction":{"message_id":"w","emoji":"👍"}"#, "👍", false),
        ("reaction", #","reaction":{"message_id":"w"}"#, nil, false),
        ("system", #","system":{"body":"changed","type":"user_changed_number"}"#, "changed", false),
        (
            "edit", #","edit":{"original_message_id":"w","message":{"type":"text","text":{"body":"novo"}}}"#, "novo",
            false
        ),
        ("revoke", #","revoke":{"original_message_id":"w"}"#, nil, false), ("hologram", "", nil, false),
    ])
    func `each type has its words, and only some open the window`(
        _ type: String, _ body: String, _ text: String?, _ opens: Bool
    ) throws {
        let message = try #require(read(body, type: type))
        #expect(message.type == type)
        #expect(message.text == text)
        #expect(message.opensWindow == opens)
    }

    @Test func `a person without a number is known by the ids that Meta gives`() throws {
        let value =
            #""contacts":[{"profile":{"name":"B"},"user_id":"BR.2"},{"profile":{"name":"A"},"user_id":"BR.1","#
            + #""parent_user_id":"BR.ENT.1"}],"messages":[{"from_user_id":"BR.1","id":"w","timestamp":"1","type":"text","#
            + #""text":{"body":"x"},"referral":{"source_id":"ad"}}]"#
        guard case .message(let message)? = items(messages(value)).first else {
            Issue.record("no message")
            return
        }
        #expect(message.sender == SenderIdentifiers(bsuid: "BR.1", parentBSUID: "BR.ENT.1"))
        #expect(message.profileName == "A")
        #expect(message.referral?["source_id"]?.string == "ad")
    }

    @Test func `a status says what became of which attempt`() throws {
        let value =
            #""statuses":[{"id":"wamid.1","status":"failed","timestamp":"1749416383","recipient_id":"5511987654321","#
            + #""biz_opaque_callback_data":"1.42.1","errors":[{"code":131049,"title":"Healthy ecosystem","#
            + #""message":"m","error_data":{"details":"to 5511987654321"}}]}]"#
        guard case .status(let status)? = items(messages(value)).first else {
            Issue.record("no status")
            return
        }
        #expect(status.providerMessageID == "wamid.1")
        #expect(status.status == .failed)
        #expect(status.callbackData == "1.42.1")
        #expect(status.timestamp == Timestamp(seconds: 1_749_416_383))
        #expect(status.recipient.waID == "5511987654321")
        let fault = try #require(status.errors.first)
        #expect(fault.code == "131049")
        #expect(fault.title == "Healthy ecosystem")
        #expect(fault.details == "to …")
    }

    @Test(arguments: [
        ("sent", MessageStatus.sent), ("delivered", .delivered), ("read", .read), ("played", .played),
        ("failed", .failed),
    ])
    func `every word of a status is a rung`(_ word: String, _ rung: MessageStatus) {
        let value = #""statuses":[{"id":"w","status":"\#(word)","timestamp":"1"}]"#
        guard case .status(let status)? = items(messages(value)).first else {
            Issue.record("no status")
            return
        }
        #expect(status.status == rung)
    }

    @Test func `every entry, change, message and status is told, and a bad one harms no other`() {
        let good = #"{"from":"1","id":"a","timestamp":"1","type":"text","text":{"body":"x"}}"#
        let first = messages(
            #""messages":[\#(good),{"id":"b"},7,\#(good)],"statuses":[{"id":"c","status":"sent","timestamp":"1"},"#
                + #"{"id":"d","status":"sent","timestamp":"soon"},{"id":"e","status":"warning","timestamp":"1"}],"#
                + #""errors":[{"code":1}]"#)
        let second = messages(#""messages":[\#(good)]"#, number: "2")
        let kinds = items(first + "," + second, second, #"{"field":"messages","value":{}}"#, "3").map { item in
            switch item {
            case .message(let message): "message \(message.providerMessageID) \(message.instance)"
            case .status(let status): "status \(status.providerMessageID)"
            case .other(let event): "other \(event.kind)"
            case .malformed(let reason, _): "malformed \(reason)"
            case .ignored(let kind): "ignored \(kind)"
            case .session: "session"
            case .preference: "preference"
            case .messagingLimit: "messaging limit"
            }
        }
        #expect(
            kinds == [
                #"message a phoneNumberID("106540352242922")"#, "malformed message.type is missing",
                "malformed message.id is missing", #"message a phoneNumberID("106540352242922")"#, "status c",
                "malformed status.timestamp is no time", "other status.warning", "other errors",
                #"message a phoneNumberID("2")"#, #"message a phoneNumberID("2")"#,
                "malformed metadata.phone_number_id is missing", "malformed change without field or value",
            ])
    }

    @Test(arguments: [
        ("business_capability_update", #""max_daily_conversations_per_business":"TIER_2K""#, "TIER_2K"),
        ("business_capability_update", #""max_daily_conversations_per_business":10000"#, "TIER_10K"),
        ("phone_number_quality_update", #""event":"UPGRADE","current_limit":"TIER_UNLIMITED""#, "TIER_UNLIMITED"),
        ("phone_number_quality_update", #""event":"FLAGGED""#, nil),
        ("business_capability_update", #""max_daily_conversations_per_business":77"#, nil),
        ("business_capability_update", #""max_daily_conversations_per_business":"many""#, nil),
        ("account_update", #""max_daily_conversations_per_business":"TIER_2K""#, nil),
    ]) func `a new messaging limit is told with its business account`(
        _ field: String, _ value: String, _ word: String?
    ) {
        let told = items(#"{"field":"\#(field)","value":{\#(value)}}"#)
        #expect(told.count == 1)
        guard case .messagingLimit(let update)? = told.first else {
            #expect(word == nil, "\(value)")
            return
        }
        #expect(update.word == word)
        #expect(!update.businessAccountID.isEmpty)
    }

    @Test func `a marketing preference is told with its user, and another category handed on`() {
        let metadata = #""metadata":{"phone_number_id":"1"}"#
        func change(_ preferences: String) -> String {
            #"{"field":"user_preferences","value":{\#(metadata),"user_preferences":[\#(preferences)]}}"#
        }
        func preference(_ value: String, _ user: String = #""wa_id":"5511987651001""#) -> String {
            #"{\#(user),"category":"marketing_messages","value":"\#(value)","timestamp":1731617831}"#
        }
        let told = items(change(["stop", "resume", "signup"].map { preference($0) }.joined(separator: ",")))
        #expect(
            told
                == [true, false, false].map {
                    .preference(
                        MarketingPreference(
                            instance: .phoneNumberID("1"), user: SenderIdentifiers(waID: "5511987651001"),
                            isStopped: $0, timestamp: Timestamp(seconds: 1_731_617_831)))
                })
        let others = [
            preference("pause"), #"{"category":"utility","value":"stop"}"#, #"{"value":"stop"}"#,
            preference("stop", #""wa_id":"x""#), "7",
        ].joined(separator: ",")
        let kinds = items(change(others)).map { item in
            switch item {
            case .other(let event): event.kind
            case .malformed(let reason, _): reason
            default: "taken"
            }
        }
        #expect(
            kinds == [
                "user_preferences", "user_preferences", "preference without category or value",
                "the preference names no user", "preference without category or value",
            ])
        guard case .malformed = items(#"{"field":"user_preferences","value":{"user_preferences":[]}}"#).first else {
            Issue.record("without a number it is nobody's")
            return
        }
    }

    @Test func `other fields are handed on with their account`() {
        let item = items(#"{"field":"message_template_status_update","value":{"event":"APPROVED"}}"#).first
        #expect(
            item
                == .other(
                    InboundEvent(
                        instance: nil, businessAccountID: "102290129340398", kind: "message_template_status_update",
                        raw: ["event": "APPROVED"])))
    }

    @Test func `groups make no contact`() {
        let value =
            #""messages":[{"from":"1","group_id":"g","id":"a","timestamp":"1","type":"text"}],"#
            + #""statuses":[{"id":"c","status":"sent","timestamp":"1","recipient_type":"group"}]"#
        #expect(items(messages(value)) == [.ignored(kind: "group"), .ignored(kind: "group")])
    }

    @Test(arguments: [
        "", "nonsense", "[]", #"{"object":"page","entry":[]}"#, #"{"object":"whatsapp_business_account"}"#,
    ])
    func `a body that is no webhook of WhatsApp is told as such`(_ body: String) {
        let items = CloudAPIWebhook.items(of: Array(body.utf8))
        guard items.count == 1, case .malformed = items[0] else {
            Issue.record("read as \(items)")
            return
        }
    }
}
