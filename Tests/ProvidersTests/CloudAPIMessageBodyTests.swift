import Domain
import JSON
import Testing

@testable import Providers

@Suite struct CloudAPIMessageBodyTests {
    private func body(
        _ recipient: Recipient = Recipient(kind: .phone, value: "+5511987654321"), _ content: OutboundContent,
        replyTo: String? = nil
    ) throws -> JSONValue? {
        let send = OutboundSend(
            recipient: recipient, content: content, callbackData: "", replyToProviderMessageID: replyTo)
        return try CloudAPIMessageBody.bytes(of: send).map { try JSONParser.parse($0) }
    }

    private func template(_ components: [BoundComponent]) throws -> JSONValue? {
        try body(.template(.init(name: "order_update", language: "pt_BR", components: components)))?["template"]
    }

    private func body(_ content: OutboundContent) throws -> JSONValue? {
        try body(Recipient(kind: .phone, value: "+5511987654321"), content)
    }

    @Test func `each kind of recipient goes where Meta looks for it`() throws {
        let phone = try body(Recipient(kind: .phone, value: "+5511987654321"), .text("x"))
        #expect(phone?["to"]?.string == "+5511987654321")
        let waID = try body(Recipient(kind: .waID, value: "551187654321"), .text("x"))
        #expect(waID?["to"]?.string == "+551187654321")
        let bsuid = try body(Recipient(kind: .bsuid, value: "BR.13491208655302741918"), .text("x"))
        #expect(bsuid?["recipient"]?.string == "BR.13491208655302741918")
        #expect(bsuid?["to"] == nil)
        let hidden = try body(Recipient(kind: .lid, value: "1@lid"), .text("x"))
        #expect(hidden == nil)
    }

    @Test func `an answer names the message it answers, and empty callback data is left out`() throws {
        let json = try body(Recipient(kind: .phone, value: "+1"), .text("x"), replyTo: "wamid.0")
        #expect(json?["context"] == ["message_id": "wamid.0"])
        #expect(json?["biz_opaque_callback_data"] == nil)
    }

    @Test func `a template without parameters has no components`() throws {
        #expect(try template([]) == ["name": "order_update", "language": ["code": "pt_BR"]])
    }

    @Test func `every kind of component and parameter has Meta's documented shape`() throws {
        let components = try template([
            BoundComponent(place: .header, parameters: [.media(kind: "IMAGE", .link("https://h/a.png"))]),
            BoundComponent(place: .body, parameters: [.text("Ana", name: nil), .text("10/07", name: nil)]),
            BoundComponent(place: .button(index: 0, subType: "URL"), parameters: [.text("track/1", name: nil)]),
            BoundComponent(place: .button(index: 1, subType: "copy_code"), parameters: [.couponCode("OFF10")]),
            BoundComponent(place: .button(index: 2, subType: "quick_reply"), parameters: [.payload("yes")]),
        ])?["components"]
        let expected: JSONValue = [
            ["type": "header", "parameters": [["type": "image", "image": ["link": "https://h/a.png"]]]],
            [
                "type": "body",
                "parameters": [["type": "text", "text": "Ana"], ["type": "text", "text": "10/07"]],
            ],
            [
                "type": "button", "sub_type": "url", "index": "0",
                "parameters": [["type": "text", "text": "track/1"]],
            ],
            [
                "type": "button", "sub_type": "copy_code", "index": "1",
                "parameters": [["type": "coupon_code", "coupon_code": "OFF10"]],
            ],
            [
                "type": "button", "sub_type": "quick_reply", "index": "2",
                "parameters": [["type": "payload", "payload": "yes"]],
            ],
        ]
        #expect(components == expected)
    }

    @Test func `a named template names its parameters, and stored media goes by its id`() throws {
        let components = try template([
            BoundComponent(place: .header, parameters: [.media(kind: "document", .id("9"))]),
            BoundComponent(place: .body, parameters: [.text("Ana", name: "first_name")]),
        ])?["components"]
        #expect(components?[0]?["parameters"]?[0] == ["type": "document", "document": ["id": "9"]])
        #expect(
            components?[1]?["parameters"]?[0] == ["type": "text", "parameter_name": "first_name", "text": "Ana"])
    }
}
