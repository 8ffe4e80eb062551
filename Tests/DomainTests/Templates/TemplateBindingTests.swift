import JSON
import TestRandom
import Testing

@testable import Domain

@Suite struct TemplateBindingTests {
    typealias Samples = TemplateSamples

    @Test func `a list fills the slots in order and shows the words`() throws {
        let bound = try TemplateBinding.bind(
            Samples.reminder, variables: Samples.list("Ana", "proposta", "10/07")
        ).get()
        #expect(bound.rendered.body == "Olá Ana, sua proposta está agendada para 10/07.")
        #expect(bound.variables.map(\.value) == ["Ana", "proposta", "10/07"])
        #expect(bound.variables.map(\.source) == ["given", "given", "given"])
        #expect(
            bound.components == [
                BoundComponent(
                    place: .body,
                    parameters: [.text("Ana", name: nil), .text("proposta", name: nil), .text("10/07", name: nil)])
            ])
    }

    @Test func `header, body and buttons each get their own values, once each`() throws {
        let bound = try TemplateBinding.bind(
            Samples.everything, variables: Samples.list("7", "Ana", "Bia", "xyz", "OFF20")
        ).get()
        #expect(bound.rendered.header == "Pedido 7")
        #expect(bound.rendered.body == "Para Bia, de Ana: Bia!")
        #expect(bound.rendered.buttons.map(\.url) == [nil, "https://loja.example/p/xyz", nil])
        #expect(
            bound.components == [
                BoundComponent(place: .header, parameters: [.text("7", name: nil)]),
                BoundComponent(place: .body, parameters: [.text("Ana", name: nil), .text("Bia", name: nil)]),
                BoundComponent(place: .button(index: 1, subType: "url"), parameters: [.text("xyz", name: nil)]),
                BoundComponent(place: .button(index: 2, subType: "copy_code"), parameters: [.couponCode("OFF20")]),
            ])
    }

    @Test func `named parameters carry their names`() throws {
        let bound = try TemplateBinding.bind(
            Samples.named, variables: Samples.object(["order_id": "77", "first_name": "Ana"])
        ).get()
        #expect(bound.rendered.body == "Oi Ana, seu pedido 77 saiu, Ana.")
        #expect(
            bound.components[0].parameters == [.text("Ana", name: "first_name"), .text("77", name: "order_id")])
    }

    @Test(arguments: [TemplateSamples.otpButton, TemplateSamples.linkButton])
    func `one code fills body and button of an authentication template`(button: JSONValue) throws {
        let bound = try TemplateBinding.bind(
            Samples.authentication(button: button), variables: Samples.list("482913")
        ).get()
        #expect(bound.rendered.body == "*482913* is your verification code.")
        #expect(
            bound.components == [
                BoundComponent(place: .body, parameters: [.text("482913", name: nil)]),
                BoundComponent(place: .button(index: 0, subType: "url"), parameters: [.text("482913", name: nil)]),
            ])
        let long = TemplateBinding.bind(
            Samples.authentication(button: button), variables: Samples.list("1234567890123456"))
        #expect(long.lines == ["/variables/0 too_long"])
        #expect(long.faults.first?.limit == 15)
    }

    @Test func `in the authentication category any link with a variable gets the code`() {
        let link: JSONValue = ["type": "URL", "text": "Abrir", "url": "https://app.example/login?code={{1}}"]
        let bound = TemplateBinding.bind(Samples.authentication(button: link), variables: Samples.list("99")).bound
        #expect(bound?.rendered.buttons.first?.url == "https://app.example/login?code=99")
        #expect(bound?.components.last?.place == .button(index: 0, subType: "url"))
    }

    @Test func `a template without slots takes no variables and sends no components`() throws {
        let content = Samples.body("Olá.")
        for input in [VariablesInput.absent, .list([]), .object([])] {
            #expect(try TemplateBinding.bind(content, variables: input).get().components.isEmpty)
        }
        #expect(TemplateBinding.bind(content, variables: Samples.list("x")).lines == ["/variables/0 extra"])
    }

    @Test(arguments: [
        ("1", "body.1"), ("2", "body.2"), ("body.1", "body.1"), ("header.1", "header.1"),
        ("button.1.1", "button.1.1"), ("button.2.1", "button.2.1"),
    ])
    func `keys find their slot`(key: String, slot: String) {
        let slots = Samples.everything.slots
        #expect(SlotAddress.slot(for: key, in: slots).map { slots[$0].key } == slot)
    }

    @Test(arguments: ["3", "01", "header.2", "button.0.1", "header", "", "Body.1", " 1", "nome"])
    func `unknown keys find none`(key: String) {
        #expect(SlotAddress.slot(for: key, in: Samples.everything.slots) == nil)
    }

    @Test func `a bare number is another component's when only that one has it, and ambiguous when two have`() {
        let header = Samples.content([
            ["type": "HEADER", "format": "TEXT", "text": "A {{1}}"], ["type": "BODY", "text": "Sem variável."],
        ])
        #expect(TemplateBinding.bind(header, variables: Samples.object(["1": "x"])).bound?.rendered.header == "A x")
        let two = Samples.content([
            ["type": "HEADER", "format": "TEXT", "text": "A {{1}}"], ["type": "BODY", "text": "Nada."],
            ["type": "BUTTONS", "buttons": [["type": "URL", "url": "https://a/{{1}}"]]],
        ])
        #expect(
            TemplateBinding.bind(two, variables: Samples.object(["1": "x"])).lines == [
                "/variables/header.1 missing", "/variables/button.0.1 missing", "/variables/1 extra",
            ])
    }

    @Test func `a label that two slots share names neither`() {
        let content = Samples.body("a {{1}} b {{2}} c", labels: ["nome", "nome"])
        let lines = TemplateBinding.bind(content, variables: Samples.object(["nome": "x", "2": "y"])).lines
        #expect(lines == ["/variables/1 missing", "/variables/nome extra"])
    }

    @Test func `a slot given twice keeps the first key and tells the second`() {
        let lines = TemplateBinding.bind(
            Samples.reminder, variables: Samples.object(["nome": "Ana", "1": "Bia", "2": "x", "data": "y"])
        ).lines
        #expect(lines == ["/variables/1 extra"])
    }

    @Test func `keys are escaped in pointers`() {
        let lines = TemplateBinding.bind(Samples.body("Oi."), variables: Samples.object(["a/b~c": "x"])).lines
        #expect(lines == ["/variables/a~1b~0c extra"])
    }

    @Test func `what is missing is told where it should have been`() {
        #expect(
            TemplateBinding.bind(Samples.reminder, variables: Samples.list("Ana")).faults == [
                BindingFault(
                    pointer: "/variables/1", code: .missing, component: "body", variable: "{{2}}", label: "titulo"),
                BindingFault(
                    pointer: "/variables/2", code: .missing, component: "body", variable: "{{3}}", label: "data"),
            ])
        #expect(
            TemplateBinding.bind(Samples.reminder, variables: .absent).lines == [
                "/variables/0 missing", "/variables/1 missing", "/variables/2 missing",
            ])
        #expect(
            TemplateBinding.bind(Samples.named, variables: Samples.object(["order_id": "1"])).lines == [
                "/variables/first_name missing"
            ])
        let nulled = VariablesInput.list([.text("Ana"), .null, .text("x")])
        #expect(TemplateBinding.bind(Samples.reminder, variables: nulled).lines == ["/variables/1 missing"])
    }

    @Test(arguments: [
        ("", ["empty"]), ("   ", ["empty"]), ("\u{A0}\u{2003}", ["empty"]), ("\u{200B}\u{FEFF}", ["empty"]),
        ("a\nb", ["newline"]), ("a\r\nb", ["newline"]), ("a\u{2028}b", ["newline"]), ("a\u{85}b", ["newline"]),
        ("a\u{B}b", ["newline"]), ("a\u{C}b", ["newline"]), ("a\tb", ["tab"]), ("a    b", []),
        ("a     b", ["spaces"]), ("a\u{1}b", ["wrong_type"]), ("a\u{7F}b", ["wrong_type"]),
        ("\n\t     ", ["empty", "newline", "tab", "spaces"]), ("\n", ["empty", "newline"]), ("😀", []), ("é", []),
        ("👨‍👩‍👧", []),
    ])
    func `every fault of one value is told`(value: String, codes: [String]) {
        let faults = TemplateBinding.bind(Samples.body("a {{1}} b"), variables: Samples.list(value)).faults
        #expect(faults.map(\.code.rawValue) == codes)
    }

    @Test func `faults of several values are told at once, in the order of the slots`() {
        let input = VariablesInput.list([.wrongType, .text("a\tb\n"), .text(""), .text("x"), .null])
        #expect(
            TemplateBinding.bind(Samples.reminder, variables: input, root: "/fallback").lines == [
                "/fallback/variables/0 wrong_type", "/fallback/variables/1 newline", "/fallback/variables/1 tab",
                "/fallback/variables/2 empty", "/fallback/variables/3 extra", "/fallback/variables/4 extra",
            ])
    }

    @Test func `lengths count Unicode scalars up to the last one`() {
        let content = Samples.body("a {{1}} b")
        let room = 1024 - 4
        #expect(
            TemplateBinding.bind(content, variables: .list([.text(String(repeating: "é", count: room))])).lines == [])
        let over = TemplateBinding.bind(content, variables: .list([.text(String(repeating: "😀", count: room + 1))]))
        #expect(over.lines == ["/variables/0 too_long"])
        #expect(over.faults.first?.limit == room)
    }

    @Test func `values that fit one by one but not together blame the longest`() {
        let content = Samples.body("a {{1}} b {{2}} c")
        let short = String(repeating: "x", count: 400)
        let long = String(repeating: "y", count: 700)
        let over = TemplateBinding.bind(content, variables: Samples.list(short, long))
        #expect(over.lines == ["/variables/1 too_long"])
        #expect(over.faults.first?.limit == 1024 - "a  b  c".count - 400)
        let fits = TemplateBinding.bind(
            content, variables: Samples.list(short, String(long.prefix(1024 - 7 - 400))))
        #expect(fits.bound?.rendered.body.unicodeScalars.count == 1024)
    }

    @Test func `a mapping fills null, an absent key and the tail of a short list, and nothing else`() {
        let mapped = [nil, nil, MappedValue(value: "hoje", source: "lead.custom_fields.dia")]
        let short = TemplateBinding.bind(Samples.reminder, variables: Samples.list("Ana", "x"), mapped: mapped)
        #expect(short.bound?.variables.map(\.source) == ["given", "given", "lead.custom_fields.dia"])
        let null = VariablesInput.list([.text("Ana"), .text("x"), .null])
        #expect(TemplateBinding.bind(Samples.reminder, variables: null, mapped: mapped).bound != nil)
        let keyed = Samples.object(["1": "Ana", "2": "x"])
        #expect(TemplateBinding.bind(Samples.reminder, variables: keyed, mapped: mapped).bound != nil)
        let empty = Samples.list("Ana", "x", "")
        #expect(
            TemplateBinding.bind(Samples.reminder, variables: empty, mapped: mapped).lines == ["/variables/2 empty"])
    }

    @Test func `a media header needs its file and no other header takes one`() {
        let values = Samples.list("Ana")
        #expect(TemplateBinding.bind(Samples.image, variables: values).lines == ["/header_media missing"])
        #expect(
            TemplateBinding.bind(Samples.image, variables: values, headerMedia: .link(""), root: "/fallback").lines == [
                "/fallback/header_media empty"
            ])
        let bound = TemplateBinding.bind(Samples.image, variables: values, headerMedia: .id("9")).bound
        #expect(bound?.components.first?.parameters == [.media(kind: "image", .id("9"))])
        #expect(
            TemplateBinding.bind(Samples.body("Oi {{1}}."), variables: values, headerMedia: .id("9")).lines == [
                "/header_media extra"
            ])
        let location = Samples.content([
            ["type": "HEADER", "format": "LOCATION"], ["type": "BODY", "text": "Aqui."],
        ])
        #expect(TemplateBinding.bind(location, variables: .absent).faults.first?.label == "LOCATION")
    }

    @Test func `any order of an object's keys gives the same result`() {
        var random = SeededGenerator(seed: 5)
        let keys = ["header.1", "1", "2", "body.2", "button.1.1", "button.2.1", "zzz", "aaa", "header.9"]
        let values = ["ok", "", "a\tb", "a     b", "a\nb", "Ana"]
        for _ in 0..<300 {
            let members = keys.shuffled(using: &random).prefix(Int.random(in: 0...keys.count, using: &random))
                // Two names of one slot do depend on their order; that rule has its own test.
                .filter { $0 != "body.2" }
                .map {
                    VariableMember(key: $0, value: .text(values[Int.random(in: 0..<values.count, using: &random)]))
                }
            let one = TemplateBinding.bind(Samples.everything, variables: .object(members))
            let other = TemplateBinding.bind(
                Samples.everything, variables: .object(members.shuffled(using: &random)))
            #expect(one == other)
        }
    }
}
