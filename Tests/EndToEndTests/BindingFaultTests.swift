import Domain
import HTTP
import JSON
import Testing

/// What PRODUCT § 6.5 refuses, told whole, and without a trace.
@Suite struct BindingFaultTests {
    struct Fault: Sendable, Hashable {
        var pointer: String
        var code: String
        var component: String?
        var variable: String?
        var label: String?

        init(_ pointer: String, _ code: String, _ component: String?, _ variable: String?, _ label: String?) {
            self.pointer = pointer
            self.code = code
            self.component = component
            self.variable = variable
            self.label = label
        }

        init(_ json: JSONValue) {
            self.init(
                json["pointer"]?.string ?? "?", json["code"]?.string ?? "?", json["component"]?.string,
                json["variable"]?.string, json["label"]?.string)
        }
    }

    struct Case: Sendable {
        let name: String
        let template: Int64
        let variables: JSONValue
        var extra = JSONObject([])
        let faults: [Fault]
    }

    static let long = JSONValue.string(String(repeating: "x", count: 1024))

    static let cases: [Case] = [
        Case(
            name: "missing", template: 1, variables: ["Ana", "proposta"],
            faults: [Fault("/variables/2", "missing", "body", "{{3}}", "data")]),
        Case(
            name: "all missing", template: 1, variables: [],
            faults: [
                Fault("/variables/0", "missing", "body", "{{1}}", "nome"),
                Fault("/variables/1", "missing", "body", "{{2}}", "titulo"),
                Fault("/variables/2", "missing", "body", "{{3}}", "data"),
            ]),
        Case(
            name: "extra", template: 1, variables: ["a", "b", "c", "d", "e"],
            faults: [
                Fault("/variables/3", "extra", nil, nil, nil), Fault("/variables/4", "extra", nil, nil, nil),
            ]),
        Case(
            name: "empty, blank, invisible", template: 1, variables: ["", "   ", "\u{200b}"],
            faults: [
                Fault("/variables/0", "empty", "body", "{{1}}", "nome"),
                Fault("/variables/1", "empty", "body", "{{2}}", "titulo"),
                Fault("/variables/2", "empty", "body", "{{3}}", "data"),
            ]),
        Case(
            name: "too long", template: 1, variables: [long, "b", "c"],
            faults: [Fault("/variables/0", "too_long", "body", "{{1}}", "nome")]),
        Case(
            name: "too long together", template: 1,
            variables: [
                .string(String(repeating: "x", count: 600)), .string(String(repeating: "y", count: 500)), "c",
            ], faults: [Fault("/variables/0", "too_long", "body", "{{1}}", "nome")]),
        Case(
            name: "too long for the header", template: 2,
            variables: [.string(String(repeating: "x", count: 60)), "Ana", "sexta"],
            faults: [Fault("/variables/0", "too_long", "header", "{{1}}", "imovel")]),
        Case(
            name: "wrong types", template: 1, variables: [1, true, ["a"]],
            faults: [
                Fault("/variables/0", "wrong_type", "body", "{{1}}", "nome"),
                Fault("/variables/1", "wrong_type", "body", "{{2}}", "titulo"),
                Fault("/variables/2", "wrong_type", "body", "{{3}}", "data"),
            ]),
        Case(
            name: "null without a mapping", template: 1, variables: ["a", .null, ["x": "y"]],
            faults: [
                Fault("/variables/1", "missing", "body", "{{2}}", "titulo"),
                Fault("/variables/2", "wrong_type", "body", "{{3}}", "data"),
            ]),
        Case(
            name: "newline, tab, spaces", template: 1, variables: ["a\nb", "a\tb", "a     b"],
            faults: [
                Fault("/variables/0", "newline", "body", "{{1}}", "nome"),
                Fault("/variables/1", "tab", "body", "{{2}}", "titulo"),
                Fault("/variables/2", "spaces", "body", "{{3}}", "data"),
            ]),
        Case(
            name: "many in one value and in others", template: 1, variables: [5, "", "a\r\n\tb     c", "d"],
            faults: [
                Fault("/variables/0", "wrong_type", "body", "{{1}}", "nome"),
                Fault("/variables/1", "empty", "body", "{{2}}", "titulo"),
                Fault("/variables/2", "newline", "body", "{{3}}", "data"),
                Fault("/variables/2", "tab", "body", "{{3}}", "data"),
                Fault("/variables/2", "spaces", "body", "{{3}}", "data"),
                Fault("/variables/3", "extra", nil, nil, nil),
            ]),
        Case(
            name: "an object: missing, and a key that names nothing", template: 8,
            variables: ["1": "Ana", "a/b": "x"],
            faults: [
                Fault("/variables/header.1", "missing", "header", "{{1}}", "loja"),
                Fault("/variables/2", "missing", "body", "{{2}}", "pedido"),
                Fault("/variables/button.1.1", "missing", "button.1", "{{1}}", "rastreio"),
                Fault("/variables/a~1b", "extra", nil, nil, nil),
            ]),
        Case(
            name: "one slot under two keys", template: 3,
            variables: ["1": "Ana", "nome": "Bia", "codigo": "x"],
            faults: [Fault("/variables/nome", "extra", nil, nil, nil)]),
        Case(
            name: "a one-time password of 16", template: 4, variables: ["1234567890123456"],
            faults: [Fault("/variables/0", "too_long", "body", "{{1}}", "codigo")]),
        Case(
            name: "a coupon of 16", template: 11, variables: ["Ana", "1234567890123456"],
            faults: [Fault("/variables/1", "too_long", "button.0", "{{1}}", "cupom")]),
        Case(
            name: "a named one missing, another unknown", template: 5, variables: ["first_name": "Ana", "plan": "x"],
            faults: [
                Fault("/variables/plan_name", "missing", "body", "{{plan_name}}", "plan_name"),
                Fault("/variables/plan", "extra", nil, nil, nil),
            ]),
        Case(
            name: "a media header without its file", template: 12, variables: ["Ana"],
            faults: [Fault("/header_media", "missing", "header", nil, nil)]),
        Case(
            name: "a file for no header", template: 1, variables: ["a", "b", "c"],
            extra: JSONObject([("header_media", ["id": "123"])]),
            faults: [Fault("/header_media", "extra", "header", nil, nil)]),
    ]

    @Test func `every fault is told whole by the send, the dry run and preflight, and leaves no trace`() async throws {
        try await Stage.run { stage in
            let before = try await stage.traces()
            for (index, wrong) in Self.cases.enumerated() {
                let send = try await stage.sendTemplate(
                    wrong.template, wrong.variables, extra: wrong.extra, fields: ["Idempotency-Key": "bad-\(index)"])
                #expect(send.status == 422, "\(wrong.name)")
                #expect(send.code == "binding_failed", "\(wrong.name): \(send.text)")
                #expect(send.details.map(Fault.init) == wrong.faults, "\(wrong.name)")
                let messages = send.details.allSatisfy { $0["message"]?.string?.isEmpty == false }
                #expect(messages, "\(wrong.name)")
                let fields = wrong.faults.map {
                    String($0.pointer.dropFirst()).replacing("/", with: ".").replacing("~1", with: "/")
                }
                #expect(send.json["errors"]?.object.map { Set($0.keys) } == Set(fields), "\(wrong.name)")

                let dry = try await stage.sendTemplate(
                    wrong.template, wrong.variables, extra: wrong.extra, query: "?dry_run=true")
                #expect(dry.status == 422, "\(wrong.name)")
                #expect(dry.details == send.details, "\(wrong.name)")

                var body = wrong.extra
                body["template_id"] = .number(JSONNumber(wrong.template))
                body["variables"] = wrong.variables
                let preflight = try await stage.post("/api/v1/leads/1/whatsapp/preflight", .object(body))
                #expect(preflight.status == 200, "\(wrong.name)")
                #expect(preflight.data["allowed"] == false, "\(wrong.name)")
                let told = preflight.data["faults"]?[0]
                #expect(told?["code"] == "binding_failed", "\(wrong.name)")
                #expect(told?["details"]?.array?.map(Fault.init) == wrong.faults, "\(wrong.name)")
            }
            #expect(try await stage.traces() == before)
        }
    }

    @Test func `a fallback's faults are told under fallback`() async throws {
        try await Stage.run { stage in
            let before = try await stage.traces()
            let answer = try await stage.sendText(
                "Oi", instance: 2,
                extra: JSONObject([("fallback", ["template_id": 1, "variables": ["Ana", "a\tb"]])]))
            #expect(answer.code == "binding_failed")
            #expect(
                answer.details.map(Fault.init) == [
                    Fault("/fallback/variables/1", "tab", "body", "{{2}}", "titulo"),
                    Fault("/fallback/variables/2", "missing", "body", "{{3}}", "data"),
                ])
            #expect(try await stage.traces() == before)
        }
    }
}
