import JSON

@testable import Domain

extension FuzzTarget {
    /// Templates as Meta might give them back: the slots that are told are the ones that are filled, shown and passed.
    static let template = FuzzTarget(
        name: "template",
        seeds: [
            "Olá {{1}}, sua {{2}} está agendada para {{3}}.\nPedido {{1}}\nhttps://loja.example/p/{{1}}\nAna",
            "Oi {{first_name}}, {{ order_id }}, {{first_name}}.\n\nhttps://www.whatsapp.com/otp/code/?code=otp{{1}}\n123456",
            "{{10}}{{2}}{{0}} {{}} {{ 1 }} {{{1}}} {{1}\n{{1}}\nhttps://x/{{1}}{{2}}\na  b",
            #"[{"type":"BODY","text":"{{1}}","example":{"body_text":[["a"]]}},{"type":"HEADER","format":"IMAGE"}]"#,
            #"[{"type":"BUTTONS","buttons":[{"type":"COPY_CODE","example":"X"},{"type":"OTP","otp_type":"ONE_TAP"}]}]"#,
            #"[{"type":"BODY","text":"{{a}} {{1}}"},{"type":"FOOTER","text":"{{1}}"},{"type":"CAROUSEL"}]"#,
        ],
        words: [
            "{{1}}", "{{2}}", "{{ ", " }}", "{{name}}", "{{99999999999999999999}}", "{{0}}", "{{01}}", "\n", "https://",
            #"{"type":"BODY","text":""#, #"{"type":"BUTTONS","buttons":["#, "\"URL\"", "\"HEADER\"", "\u{200B}", "    ",
        ]
    ) { input in
        let (components, values) = material(of: input)
        let content = TemplateContent(
            components: components, parameterFormat: input.one(of: [.positional, .named]),
            category: input.one(of: ["UTILITY", "AUTHENTICATION"]), labels: input.isOne(in: 2) ? values : [])
        judge(content)
        judgeEmpty(content)
        let given = content.slots.indices.map { values.isEmpty ? "a" : values[$0 % values.count] }
        judge(content, given: input.isOne(in: 4) ? given : content.slots.map { _ in "a" })
    }

    /// JSON as it stands; else the lines are body, header, link and values.
    private static func material(of input: FuzzInput) -> (components: JSONValue, values: [String]) {
        if let json = try? JSONParser.parse(input.material) { return (json, ["a", "Ana"]) }
        let lines = input.text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func line(_ index: Int) -> JSONValue { lines.indices.contains(index) ? .string(lines[index]) : .null }
        let components: JSONValue = [
            ["type": "BODY", "text": line(0)], ["type": "HEADER", "format": "TEXT", "text": line(1)],
            ["type": "BUTTONS", "buttons": [["type": "QUICK_REPLY", "text": "a"], ["type": "URL", "url": line(2)]]],
        ]
        return (components, Array(lines.dropFirst(3)))
    }

    private static func judge(_ content: TemplateContent) {
        let keys = content.slots.map(\.key)
        claim(Set(keys).count == keys.count, "two slots have one key: \(keys)")
        var shown = content.body.slots + content.buttons.flatMap { ($0.url?.slots ?? []) + $0.slots }
        if case .text(let header)? = content.header { shown += header.slots }
        claim(Set(shown).isSubset(of: content.slots.indices), "a slot is shown that is not there: \(shown)")
        claim(content.isAuthentication || Set(shown).count == content.slots.count, "a slot is never shown: \(keys)")
        claim(content.slots.allSatisfy { $0.maxLength >= 0 }, "a slot of negative length")
    }

    private static func judgeEmpty(_ content: TemplateContent) {
        switch TemplateBinding.bind(content, variables: .absent) {
        case .success: claim(content.slots.isEmpty, "\(content.slots.count) slots are filled with nothing")
        case .failure(let faults):
            claim(!faults.all.isEmpty, "a failure without a fault")
            let missing = faults.all.filter { $0.variable != nil && $0.code == .missing }
            claim(missing.count == content.slots.count, "\(missing.count) of \(content.slots.count) are missing")
        }
    }

    private static func judge(_ content: TemplateContent, given: [String]) {
        var media: MediaReference?
        if case .media? = content.header { media = .id("1") }
        let list = TemplateBinding.bind(
            content, variables: .list(given.map(VariableValue.text)), headerMedia: media)
        let members = zip(content.slots, given).map { VariableMember(key: $0.key, value: .text($1)) }
        let object = TemplateBinding.bind(content, variables: .object(members), headerMedia: media)
        switch (list, object) {
        case (.success(let bound), .success(let other)):
            claim(bound == other, "a list and an object give two messages")
            judge(bound, content, given)
        case (.failure(let faults), .failure(let others)):
            claim(
                faults.all.map(\.code) == others.all.map(\.code), "\(faults.all) of a list, \(others.all) of an object")
            claim(faults.all.allSatisfy { $0.code != .extra }, "what is given in full is too much: \(faults.all)")
        default: claim(false, "a list and an object fare differently")
        }
    }

    private static func judge(_ bound: BoundTemplate, _ content: TemplateContent, _ given: [String]) {
        claim(bound.variables.map(\.value) == given, "the values are \(bound.variables)")
        claim(bound.rendered.buttons.count == content.buttons.count, "\(bound.rendered.buttons.count) buttons")
        claim(bound.rendered.body.unicodeScalars.count >= content.body.fixedLength, "words are lost")
        if !content.body.slots.isEmpty {
            claim(bound.rendered.body.unicodeScalars.count <= 1024, "a body longer than the phone shows")
        }
        for component in bound.components { claim(!component.parameters.isEmpty, "a component without parameters") }
        let passed = bound.components.flatMap(\.parameters).count { if case .media = $0 { false } else { true } }
        // A one-time password goes to the body and to the button.
        claim(content.isAuthentication || passed == given.count, "\(passed) of \(given.count) values are passed")
    }
}
