import Domain
import JSON
import Testing

@testable import Providers

@Suite struct WAHAWebhookTests {
    private func item(_ event: String, _ payload: String) -> InboundItem? {
        let body =
            #"{"id":"evt_01j","timestamp":1741249702485,"event":"\#(event)","session":"loja","#
            + #""me":{"id":"5511900000000@c.us","pushName":"Loja"},"payload":\#(payload),"engine":"NOWEB"}"#
        let items = WAHAWebhook.items(of: Array(body.utf8))
        return items.count == 1 ? items[0] : nil
    }

    private func read(_ payload: String, event: String = "message") -> InboundMessage? {
        guard case .message(let message)? = item(event, payload) else { return nil }
        return message
    }

    @Test(arguments: ["message", "message.any"])
    func `a message says who wrote what, when, in which session`(_ event: String) throws {
        let message = try #require(
            read(
                #"{"id":"false_5511987654321@c.us_3EB0","timestamp":1741249702.5,"from":"5511987654321@c.us","#
                    + #""fromMe":false,"to":"5511900000000@c.us","body":"Oi","hasMedia":false,"#
                    + #""_data":{"notifyName":"Ana"}}"#, event: event))
        #expect(message.instance == .session("loja"))
        #expect(message.providerMessageID == "3EB0")
        #expect(message.sender == SenderIdentifiers(waID: "5511987654321"))
        #expect(message.profileName == "Ana")
        #expect(message.timestamp == Timestamp(microseconds: 1_741_249_702_500_000))
        #expect(message.type == "text")
        #expect(message.text == "Oi")
        #expect(message.opensWindow)
    }

    @Test func `a hidden sender is known by the hidden id`() throws {
        let message = try #require(
            read(#"{"id":"false_99@lid_A","timestamp":1741249702,"from":"99@lid","fromMe":false,"body":""}"#))
        #expect(message.sender == SenderIdentifiers(lid: "99@lid"))
        #expect(message.sender.phone == nil)
        #expect(message.text == nil)
    }

    @Test(arguments: [
        (#""hasMedia":true,"media":{"mimetype":"image/jpeg"}"#, "image"),
        (#""hasMedia":true,"media":{"mimetype":"application/pdf"}"#, "document"),
        (#""hasMedia":true,"media":null"#, "media"), (#""location":{"latitude":1}"#, "location"),
        (#""vCards":["BEGIN:VCARD"]"#, "contacts"), (#""vCards":[]"#, "text"),
    ])
    func `a type is told by what the message holds`(_ extra: String, _ type: String) throws {
        let message = try #require(
            read(#"{"id":"false_1@c.us_A","timestamp":1,"from":"1@c.us","fromMe":false,\#(extra)}"#))
        #expect(message.type == type)
    }

    @Test(arguments: [
        (#"{"id":"false_1@g.us_A_2@c.us","timestamp":1,"from":"1@g.us","fromMe":false}"#, "group"),
        (#"{"id":"true_1@g.us_A","timestamp":1,"from":"2@c.us","to":"1@g.us","fromMe":true}"#, "group"),
        (#"{"id":"false_1@newsletter_A","timestamp":1,"from":"1@newsletter","fromMe":false}"#, "newsletter"),
        (#"{"id":"false_status@broadcast_A","timestamp":1,"from":"status@broadcast","fromMe":false}"#, "broadcast"),
    ])
    func `groups, newsletters and broadcasts make no contact`(_ payload: String, _ kind: String) {
        #expect(item("message.any", payload) == .ignored(kind: kind))
    }

    @Test func `a message of our own is no inbound one`() {
        let payload =
            #"{"id":"true_1@c.us_A","timestamp":1,"from":"2@c.us","to":"1@c.us","fromMe":true,"source":"app"}"#
        guard case .other(let event)? = item("message.any", payload) else {
            Issue.record("not handed on")
            return
        }
        #expect(event.kind == "message.own")
    }

    @Test(arguments: [
        (-1, MessageStatus.failed), (0, .accepted), (1, .sent), (2, .delivered), (3, .read), (4, .played),
    ])
    func `an ack is a rung of the ladder`(_ ack: Int, _ status: MessageStatus) throws {
        let payload =
            #"{"id":"true_5511987654321@c.us_3EB0","from":"5511900000000@c.us","to":"5511987654321@c.us","#
            + #""fromMe":true,"ack":\#(ack),"ackName":"X"}"#
        guard case .status(let update)? = item("message.ack", payload) else {
            Issue.record("no status")
            return
        }
        #expect(update.providerMessageID == "3EB0")
        #expect(update.status == status)
        #expect(update.timestamp == Timestamp(microseconds: 1_741_249_702_485_000))
        #expect(update.recipient.waID == "5511987654321")
        #expect(update.errors.count == (ack == -1 ? 1 : 0))
    }

    @Test func `acks of groups are passed over, and those of others' messages are no status of ours`() {
        #expect(item("message.ack", #"{"id":"true_1@g.us_A","ack":1}"#) == .ignored(kind: "group"))
        #expect(item("message.ack.group", #"{"id":"true_1@g.us_A","ack":1}"#) == .ignored(kind: "group"))
        guard case .other? = item("message.ack", #"{"id":"false_1@c.us_A","fromMe":false,"ack":3}"#) else {
            Issue.record("taken for ours")
            return
        }
    }

    @Test func `a session's status carries the account that stands in the envelope`() {
        guard case .session(let update)? = item("session.status", #"{"name":"loja","status":"WORKING"}"#) else {
            Issue.record("no session")
            return
        }
        #expect(update.session.status == .connected)
        #expect(update.session.providerStatus == "WORKING")
        #expect(update.session.phoneNumber == "+5511900000000")
    }

    @Test(arguments: [
        ("message", "{}"), ("message", #"{"from":"1@c.us","timestamp":1}"#),
        ("message", #"{"id":"A","from":"x@c.us","timestamp":1}"#), ("message", #"{"id":"A","from":"1@c.us"}"#),
        ("message", "null"), ("message.ack", "{}"), ("message.ack", #"{"id":"true_1@c.us_A"}"#),
        ("session.status", "{}"),
    ])
    func `what cannot be read is told as malformed`(_ event: String, _ payload: String) {
        guard case .malformed? = item(event, payload) else {
            Issue.record("read as something")
            return
        }
    }

    @Test(arguments: [
        "", "[]", #"{"event":"message"}"#, #"{"session":"s","payload":{}}"#, #"{"event":"x","session":"s"}"#,
    ])
    func `a body that is no event is told as malformed`(_ body: String) {
        let items = WAHAWebhook.items(of: Array(body.utf8))
        guard items.count == 1, case .malformed = items[0] else {
            Issue.record("read as \(items)")
            return
        }
    }

    @Test func `other events are handed on, and an event's id is the one of all its repetitions`() {
        guard case .other(let event)? = item("message.reaction", #"{"reaction":{"text":"👍"}}"#) else {
            Issue.record("not handed on")
            return
        }
        #expect(event.kind == "message.reaction")
        #expect(event.instance == .session("loja"))
        #expect(WAHAWebhook.eventID(of: Array(#"{"id":"evt_1"}"#.utf8)) == "evt_1")
    }
}
