import JSON
import Testing

@testable import Domain

@Suite struct TemplateContentTests {
    @Test func `slots come header first, then body in numeric order, then buttons`() {
        let content = TemplateSamples.everything
        #expect(content.slots.map(\.key) == ["header.1", "body.1", "body.2", "button.1.1", "button.2.1"])
        #expect(content.slots.map(\.kind) == [.text, .text, .text, .text, .couponCode])
        #expect(content.slots.map(\.example) == ["42", "Ana", "Bia", "abc", "PROMO10"])
        #expect(content.footer == "Loja")
        #expect(content.buttons.map(\.type) == ["quick_reply", "url", "copy_code"])
    }

    @Test func `the length left for a value is the component's without its fixed words`() {
        let content = TemplateSamples.everything
        #expect(content.slots[0].maxLength == 60 - "Pedido ".count)
        #expect(content.slots[1].maxLength == 1024 - "Para , de : !".count)
        #expect(content.slots[2].maxLength == (1024 - "Para , de : !".count) / 2)
        #expect(content.slots[3].maxLength == 2000 - "https://loja.example/p/".count)
        #expect(content.slots[4].maxLength == 15)
    }

    @Test func `named slots keep the order of the text and take their examples by name`() {
        let slots = TemplateSamples.named.slots
        #expect(slots.map(\.key) == ["body.first_name", "body.order_id"])
        #expect(slots.map(\.label) == ["first_name", "order_id"])
        #expect(slots.map(\.example) == ["Ana", "77"])
    }

    @Test func `labels name the slots in order, and blank or lacking ones fall back to the name`() {
        #expect(TemplateSamples.reminder.slots.map(\.label) == ["nome", "titulo", "data"])
        let partly = TemplateSamples.body("a {{1}} b {{2}} c {{3}} d", labels: ["nome", " "])
        #expect(partly.slots.map(\.label) == ["nome", "2", "3"])
        let tooMany = TemplateSamples.body("a {{1}} b", labels: ["nome", "outro"])
        #expect(tooMany.slots.map(\.label) == ["nome"])
    }

    @Test(arguments: [
        ("{{1}}", ["1"]), ("{{ 1 }}", ["1"]), ("{{10}} {{9}} {{2}}", ["2", "9", "10"]), ("{{{1}}}", ["1"]),
        ("{{}}", []), ("{{a b}}", []), ("{{1}", []), ("{1}", []), ("{{1", []), ("{{", []), ("", []),
        ("{{ first_name }}", ["first_name"]), ("{{99999999999999999999}}", []), ("{{-1}}", []),
    ])
    func `a placeholder is two braces around a number or a name`(text: String, names: [String]) {
        #expect(TemplateSamples.body("x" + text + "y").slots.map(\.name.text) == names)
    }

    @Test(arguments: [TemplateSamples.otpButton, TemplateSamples.linkButton])
    func `an authentication template has one slot, the code`(button: JSONValue) {
        let content = TemplateSamples.authentication(button: button)
        #expect(content.isAuthentication)
        #expect(content.slots.map(\.key) == ["body.1"])
        #expect(content.slots.first?.kind == .code)
        #expect(content.slots.first?.maxLength == 15)
        #expect(content.slots.first?.example == "123456")
    }

    @Test func `a coupon button does not make a template one of authentication`() {
        #expect(!TemplateSamples.everything.isAuthentication)
    }

    @Test func `an old authentication template with words of its own is bound as usual`() {
        let content = TemplateSamples.content(
            [["type": "BODY", "text": "Hi {{1}}, use {{2}} to log in."]], category: "AUTHENTICATION")
        #expect(!content.isAuthentication)
        #expect(content.slots.count == 2)
    }

    @Test func `unknown components and buttons do no harm`() {
        let content = TemplateSamples.content([
            ["type": "CAROUSEL", "cards": []], ["type": "BODY", "text": "Oi {{1}}."], "what", .null, ["no": "type"],
            [
                "type": "BUTTONS",
                "buttons": [["type": "FLOW", "text": "Abrir"], 5, ["type": "URL", "url": "https://a/{{1}}"]],
            ],
        ])
        #expect(content.ignoredComponents == ["CAROUSEL"])
        #expect(content.buttons.map(\.index) == [0, 1, 2])
        #expect(content.slots.map(\.key) == ["body.1", "button.2.1"])
    }

    @Test(arguments: [JSONValue.null, "text", [], ["a": 1]])
    func `components that are no list make an empty template`(components: JSONValue) {
        #expect(TemplateSamples.content(components).slots.isEmpty)
    }
}
