import JSON
import Testing

@Suite struct TemplateSendTests {
    private static func body(_ texts: String...) -> JSONValue {
        ["type": "body", "parameters": .array(texts.map { ["type": "text", "text": .string($0)] })]
    }

    private static func named(_ values: (String, String)...) -> JSONValue {
        [
            "type": "body",
            "parameters": .array(
                values.map { ["type": "text", "parameter_name": .string($0.0), "text": .string($0.1)] }),
        ]
    }

    private static func url(_ text: String, index: JSONValue = "1") -> JSONValue {
        [
            "type": "button", "sub_type": "url", "index": index,
            "parameters": [["type": "text", "text": .string(text)]],
        ]
    }

    private static func header(_ text: String) -> JSONValue {
        ["type": "header", "parameters": [["type": "text", "text": .string(text)]]]
    }

    private static let image: JSONValue = [
        "type": "header", "parameters": [["type": "image", "image": ["link": "https://example.com/a.png"]]],
    ]

    private static func coupon(_ code: String) -> JSONValue {
        [
            "type": "button", "sub_type": "copy_code", "index": 0,
            "parameters": [["type": "coupon_code", "coupon_code": .string(code)]],
        ]
    }

    @Test func `the phone shows the template's words with the parameters in place`() async throws {
        try await World.run { world async throws in
            let answer = try await world.graph(
                Sample.template("lembrete_proposta", [Self.body("Ana", "proposta", "10/07")]))
            #expect(answer.status == 200)
            #expect(answer.json["messages"]?[0]?["message_status"] == "accepted")
            #expect(try await world.texts("5521988887777") == ["Olá Ana, sua proposta está agendada para 10/07."])
        }
    }

    @Test func `header, footer and buttons are rendered too, in either case of their names`() async throws {
        try await World.run { world async throws in
            let components: JSONValue = [
                Self.header("Ana").with("type", "HEADER"), Self.body("20%", "sexta").with("type", "BODY"),
                Self.url("promo", index: 1).with("sub_type", "URL").with("type", "BUTTON"),
                [
                    "type": "button", "sub_type": "quick_reply", "index": "0",
                    "parameters": [["type": "payload", "payload": "mais"]],
                ],
            ]
            #expect(try await world.graph(Sample.template("boas_vindas", components)).status == 200)
            let template = try await world.control("messages").json["messages"]?[0]?["template"]
            #expect(template?["header"] == "Bem-vindo, Ana!")
            #expect(template?["body"] == "Temos uma oferta de 20% para você até sexta.")
            #expect(template?["footer"] == "Responda PARAR para sair")
            #expect(template?["buttons"]?[0]?["payload"] == "mais")
            #expect(template?["buttons"]?[1]?["url"] == "https://example.com/o/promo")
            #expect(template?["buttons"]?[2]?["phone_number"] == "+5521987654321")
        }
    }

    @Test func `named parameters go by their names in any order`() async throws {
        try await World.run { world async throws in
            let components: JSONValue = [Self.named(("hour", "15"), ("first_name", "Ana"), ("day", "terça"))]
            #expect(try await world.graph(Sample.template("confirmacao_visita", components)).status == 200)
            #expect(try await world.texts("5521988887777") == ["Oi Ana, confirmamos a visita de terça às 15 horas."])
        }
    }

    @Test func `a code of fifteen characters passes, in body and button alike`() async throws {
        try await World.run { world async throws in
            let code = "123456789012345"
            let components: JSONValue = [Self.body(code), Self.url(code, index: "0")]
            #expect(try await world.graph(Sample.template("codigo_acesso", components)).status == 200)
            #expect(try await world.texts("5521988887777") == ["*\(code)* é seu código de verificação."])
        }
    }

    @Test func `a currency shows its fallback, and four spaces pass`() async throws {
        try await World.run { world async throws in
            let components: JSONValue = [
                [
                    "type": "body",
                    "parameters": [
                        ["type": "text", "text": "Ana    B"],
                        [
                            "type": "currency",
                            "currency": ["fallback_value": "R$ 10", "code": "BRL", "amount_1000": 10_000],
                        ],
                        ["type": "date_time", "date_time": ["fallback_value": "hoje"]],
                    ],
                ]
            ]
            #expect(try await world.graph(Sample.template("lembrete_proposta", components)).status == 200)
            #expect(try await world.texts("5521988887777") == ["Olá Ana    B, sua R$ 10 está agendada para hoje."])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let template: String
        let components: JSONValue
        let code: Int64
        var status = 400

        init(_ description: String, _ template: String, _ components: JSONValue, _ code: Int64, status: Int = 400) {
            (testDescription, self.template, self.components) = (description, template, components)
            (self.code, self.status) = (code, status)
        }
    }

    private static let long = String(repeating: "a", count: 1024)

    static let refusals: [Refusal] = [
        Refusal("no such template", "nenhum", [], 132_001, status: 404),
        Refusal("pending", "em_analise", [body("Ana")], 132_001, status: 404),
        Refusal("rejected", "recusado", [body("Ana")], 132_001, status: 404),
        Refusal("paused", "oferta_pausada", [body("10%")], 132_015),
        Refusal("disabled", "oferta_desativada", [body("Ana")], 132_016),
        Refusal("too few parameters", "lembrete_proposta", [body("Ana", "proposta")], 132_000),
        Refusal("too many parameters", "lembrete_proposta", [body("a", "b", "c", "d")], 132_000),
        Refusal("no components where some are needed", "lembrete_proposta", [], 132_000),
        Refusal("parameters where none are known", "aviso_simples", [body("x")], 132_000),
        Refusal("header text where there is no header", "aviso_simples", [header("x")], 132_000),
        Refusal("header parameter missing", "boas_vindas", [body("a", "b"), url("x")], 132_000),
        Refusal("newline", "lembrete_proposta", [body("Ana\nB", "b", "c")], 132_018),
        Refusal("tab", "lembrete_proposta", [body("Ana\tB", "b", "c")], 132_018),
        Refusal("five spaces", "lembrete_proposta", [body("Ana     B", "b", "c")], 132_018),
        Refusal("newline in a button", "boas_vindas", [header("a"), body("a", "b"), url("x\ny")], 132_018),
        Refusal("body too long when filled", "lembrete_proposta", [body(long, "b", "c")], 132_005),
        Refusal(
            "header too long when filled", "boas_vindas",
            [header(String(repeating: "a", count: 60)), body("a", "b"), url("x")], 132_005),
        Refusal("empty text", "lembrete_proposta", [body("", "b", "c")], 100),
        Refusal(
            "null text", "lembrete_proposta",
            [["type": "body", "parameters": [["type": "text", "text": .null], words("b")[0]!, words("c")[0]!]]], 100),
        Refusal(
            "a number as text", "lembrete_proposta",
            [["type": "body", "parameters": [["type": "text", "text": 5], words("b")[0]!, words("c")[0]!]]], 100),
        Refusal(
            "an image in the body", "lembrete_proposta",
            [
                [
                    "type": "body",
                    "parameters": [["type": "image", "image": ["id": "1"]], words("b")[0]!, words("c")[0]!],
                ]
            ],
            132_012),
        Refusal("name missing", "confirmacao_visita", [body("Ana", "terça", "15")], 100),
        Refusal(
            "name unknown", "confirmacao_visita", [named(("first_name", "A"), ("day", "t"), ("minute", "1"))], 100),
        Refusal("name repeated", "confirmacao_visita", [named(("day", "A"), ("day", "t"), ("hour", "1"))], 100),
        Refusal("too few names", "confirmacao_visita", [named(("day", "A"))], 132_000),
        Refusal("name on a positional one", "lembrete_proposta", [named(("1", "a"), ("2", "b"), ("3", "c"))], 100),
        Refusal("image header missing", "catalogo_imagem", [body("Ana", "julho")], 132_012),
        Refusal("text for an image header", "catalogo_imagem", [header("x"), body("Ana", "julho")], 132_012),
        Refusal("URL parameter missing", "boas_vindas", [header("a"), body("a", "b")], 131_008),
        Refusal(
            "URL parameter at a quick reply", "boas_vindas", [header("a"), body("a", "b"), url("x", index: "0")],
            132_012),
        Refusal(
            "URL parameter at a phone", "boas_vindas", [header("a"), body("a", "b"), url("x"), url("x", index: "2")],
            100),
        Refusal(
            "button past the last", "boas_vindas", [header("a"), body("a", "b"), url("x"), url("x", index: "5")],
            131_009),
        Refusal(
            "index that is no number", "boas_vindas", [header("a"), body("a", "b"), url("x", index: "um")], 131_009),
        Refusal("button without index", "boas_vindas", [url("x").with("index", nil)], 131_008),
        Refusal("button without sub_type", "boas_vindas", [url("x").with("sub_type", nil)], 131_008),
        Refusal("sub_type of no button", "boas_vindas", [url("x").with("sub_type", "phone_number")], 100),
        Refusal("button where there is none", "aviso_simples", [url("x", index: "0")], 131_009),
        Refusal("coupon missing", "cupom_retorno", [body("Ana")], 131_008),
        Refusal("coupon too long", "cupom_retorno", [body("Ana"), coupon("1234567890123456")], 100),
        Refusal("code without button", "codigo_acesso", [body("123456")], 131_008),
        Refusal("code unlike its button", "codigo_acesso", [body("123456"), url("654321", index: "0")], 131_009),
        Refusal(
            "code of sixteen", "codigo_acesso", [body("1234567890123456"), url("1234567890123456", index: "0")], 131_009
        ),
        Refusal("code missing", "codigo_acesso", [url("123456", index: "0")], 132_000),
        Refusal("unknown component", "aviso_simples", [["type": "footer"]], 100),
        Refusal("component twice", "lembrete_proposta", [body("a", "b", "c"), body("a", "b", "c")], 100),
    ]

    private static func words(_ text: String) -> JSONValue { Sample.words(text) }

    @Test(arguments: refusals)
    func `what does not fit the template is refused in the documented way`(_ refusal: Refusal) async throws {
        try await World.run { world async throws in
            let answer = try await world.graph(Sample.template(refusal.template, refusal.components))
            #expect(answer.code == refusal.code, "\(answer.title ?? "") \(answer.details ?? "")")
            #expect(answer.status == refusal.status)
            #expect(try await world.control("messages").json["messages"] == [])
        }
    }

    @Test func `a count mismatch names the component and both counts`() async throws {
        try await World.run { world async throws in
            let answer = try await world.graph(Sample.template("lembrete_proposta", [Self.body("Ana")]))
            #expect(answer.details?.hasPrefix("body:") == true)
            #expect(answer.details?.contains("(1)") == true)
            #expect(answer.details?.contains("(3)") == true)
        }
    }

    @Test func `a template of another language does not exist in this one`() async throws {
        try await World.run { world async throws in
            let send = Sample.template("boas_vindas").with(
                "template", ["name": "boas_vindas", "language": ["code": "en_US"]])
            let answer = try await world.graph(send)
            #expect(answer.status == 404)
            #expect(answer.code == 132_001)
        }
    }

    @Test func `name and language are required`() async throws {
        try await World.run { world async throws in
            let send = Sample.template("boas_vindas")
            let nameless = try await world.graph(send.with("template", ["language": ["code": "pt_BR"]]))
            #expect(nameless.code == 131_008)
            let languageless = try await world.graph(send.with("template", ["name": "boas_vindas"]))
            #expect(languageless.code == 131_008)
            let misshapen = try await world.graph(send.with("template", ["name": "x", "language": "pt_BR"]))
            #expect(misshapen.code == 100)
        }
    }
}
