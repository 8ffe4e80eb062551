import Domain
import JSON
import Testing

/// Each form of `variables`, to the words on the phone.
@Suite struct BindingFormTests {
    struct Form: Sendable, CustomTestStringConvertible {
        let name: String
        let template: Int64
        let variables: JSONValue
        var extra = JSONObject([])
        let text: String
        var header: String?
        /// The link that the URL button opens, or the code that the button copies.
        var button: String?

        var testDescription: String { name }
    }

    static let tens: JSONValue = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
    static let order = "Oi Ana, o pedido 4711 foi aprovado."
    static let code = "*123456* é seu código de verificação."

    static let forms: [Form] = [
        Form(
            name: "{{2}} before {{1}}, {{1}} twice", template: 9, variables: ["Ana", "Recife"],
            text: "Em Recife espera por você, Ana, uma oferta. Ana, não perca!"),
        Form(
            name: "the same by numbers", template: 9, variables: ["2": "Recife", "1": "Ana"],
            text: "Em Recife espera por você, Ana, uma oferta. Ana, não perca!"),
        Form(
            name: "{{10}} beside {{1}}", template: 10, variables: tens,
            text: "Itens: j e a, b, c, d, e, f, g, h, i. Fim."),
        Form(
            name: "{{10}} beside {{1}} by label and number", template: 10,
            variables: [
                "10": "j", "um": "a", "2": "b", "três": "c", "4": "d", "5": "e", "body.6": "f", "7": "g", "8": "h",
                "nove": "i",
            ], text: "Itens: j e a, b, c, d, e, f, g, h, i. Fim."),
        Form(
            name: "header, body and button as a list", template: 8, variables: ["Sul", "Ana", "4711", "r-9"],
            text: order, header: "Pedido na Sul", button: "https://loja.example/p/r-9"),
        Form(
            name: "header, body and button by full keys", template: 8,
            variables: ["button.1.1": "r-9", "body.2": "4711", "body.1": "Ana", "header.1": "Sul"], text: order,
            header: "Pedido na Sul", button: "https://loja.example/p/r-9"),
        Form(
            name: "header, body and button by label", template: 8,
            variables: ["loja": "Sul", "nome": "Ana", "pedido": "4711", "rastreio": "r-9"], text: order,
            header: "Pedido na Sul", button: "https://loja.example/p/r-9"),
        Form(
            name: "a bare number is the body's", template: 8,
            variables: ["1": "Ana", "2": "4711", "header.1": "Sul", "rastreio": "r-9"], text: order,
            header: "Pedido na Sul", button: "https://loja.example/p/r-9"),
        Form(
            name: "header.1", template: 2, variables: ["header.1": "Loft 7", "1": "Ana", "2": "sexta"],
            text: "Oi Ana, sua visita está confirmada para sexta. Até lá!", header: "Visita ao Loft 7"),
        Form(
            name: "button.0.1", template: 3, variables: ["nome": "Ana", "button.0.1": "BR9"],
            text: "Ana, seu pedido saiu para entrega hoje.", button: "https://loja.example/rastreio/BR9"),
        Form(
            name: "a one-time password fills body and button", template: 4, variables: ["123456"], text: code,
            button: "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"),
        Form(
            name: "a one-time password by label", template: 4, variables: ["codigo": "123456"], text: code,
            button: "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"),
        Form(
            name: "named parameters", template: 5, variables: ["plan_name": "Ouro", "first_name": "Ana"],
            text: "Bem-vinda, Ana! Seu plano Ouro já está ativo."),
        Form(
            name: "named parameters as a list", template: 5, variables: ["Ana", "Ouro"],
            text: "Bem-vinda, Ana! Seu plano Ouro já está ativo."),
        Form(
            name: "a coupon as a list", template: 11, variables: ["Ana", "NATAL10"],
            text: "Oi Ana, um presente de Natal para você.", button: "NATAL10"),
        Form(
            name: "a coupon by label", template: 11, variables: ["cupom": "NATAL10", "1": "Ana"],
            text: "Oi Ana, um presente de Natal para você.", button: "NATAL10"),
        Form(
            name: "a media header", template: 12, variables: ["Ana"],
            extra: JSONObject([("header_media", ["link": "https://loja.example/foto.jpg"])]),
            text: "Oi Ana, este é o nosso novo catálogo."),
        Form(
            name: "no variables at all", template: 14, variables: [],
            text: "Recebemos seu contato e responderemos em breve."),
        Form(
            name: "four spaces, emoji and quotes pass", template: 1, variables: ["A    na", "\"🎉\"", "{{1}}"],
            text: "Olá A    na, sua \"🎉\" está agendada para {{1}}."),
    ]

    @Test func `every form of variables puts the same words on the phone as in the answer and in preflight`()
        async throws
    {
        try await Stage.run { stage in
            for (index, form) in Self.forms.enumerated() {
                let phone = "+55119876540\(10 + index)"
                let lead = try await stage.lead(phone: phone)
                let answer = try await stage.sendTemplate(
                    form.template, form.variables, lead: lead, extra: form.extra)
                #expect(answer.status == 201, "\(form.name): \(answer.text)")
                #expect(answer.message["text"]?.string == form.text, "\(form.name)")
                let received = try await stage.received(phone)
                #expect(received.map { $0["text"]?.string } == [form.text], "\(form.name)")
                let shown = received.first?["template"]
                if let header = form.header { #expect(shown?["header"]?.string == header, "\(form.name)") }
                if let button = form.button {
                    let buttons = shown?["buttons"].map { String(decoding: $0.serialized(), as: UTF8.self) } ?? ""
                    #expect(buttons.replacing("\\/", with: "/").contains(button), "\(form.name): \(buttons)")
                }
                var body = form.extra
                body["template_id"] = .number(JSONNumber(form.template))
                body["variables"] = form.variables
                let preflight = try await stage.post(
                    "/api/v1/leads/\(lead)/whatsapp/preflight", .object(body))
                #expect(preflight.data["allowed"] == true, "\(form.name)")
                #expect(preflight.data["rendered"]?["body"]?.string == form.text, "\(form.name)")
                if let header = form.header {
                    #expect(preflight.data["rendered"]?["header"]?.string == header, "\(form.name)")
                }
            }
        }
    }

    @Test func `a template named by name and language is the one of that language`() async throws {
        try await Stage.run { stage in
            let answer = try await stage.post(
                "/api/v1/leads/1/send-whatsapp-template",
                [
                    "template": ["name": "lembrete_proposta", "language": "en_US"],
                    "variables": ["Ann", "offer", "Fri"],
                ])
            #expect(answer.status == 201)
            #expect(answer.message["template"]?["id"] == 13)
            #expect(
                try await stage.received(Stage.ana).map { $0["text"] } == [
                    "Hello Ann, your offer is scheduled for Fri."
                ])
        }
    }
}
