package import EventLoop
import JSON

extension SimulatorConfiguration {
    /// One number at each provider, and templates of every kind and fate.
    package static func demo(clock: Clock = .system) -> SimulatorConfiguration {
        SimulatorConfiguration(
            phones: [
                .cloudAPI(
                    CloudAPINumber(
                        phoneNumberID: "106540352242922", businessAccountID: "102290129340398",
                        displayPhoneNumber: "+5521987654321", token: "simulated-token",
                        appSecret: "simulated-app-secret", verifyToken: "simulated-verify-token")),
                .waha(
                    WAHASession(
                        name: "default", phone: "+5511999887766", apiKey: "simulated-api-key",
                        hmacKey: "simulated-hmac-key")),
            ],
            templates: DemoTemplates.all(account: "102290129340398"), clock: clock)
    }
}

/// Templates for the demo account.
enum DemoTemplates {
    static func all(account: String) -> [SimulatedTemplate] {
        var number: Int64 = 594_425_479_261_000
        func template(
            _ name: String, in language: String = "pt_BR", category: String = "UTILITY", status: String = "APPROVED",
            format: String = "POSITIONAL", quality: String = "GREEN", reason: String = "NONE", _ components: JSONValue
        ) -> SimulatedTemplate {
            number += 1
            return SimulatedTemplate(
                businessAccountID: account, id: String(number), name: name, language: language, category: category,
                status: status, parameterFormat: format, components: components, qualityScore: quality,
                rejectedReason: reason)
        }
        return [
            template(
                "lembrete_proposta",
                [body("Olá {{1}}, sua {{2}} está agendada para {{3}}.", "Ana", "proposta", "10/07")]),
            template(
                "lembrete_proposta", in: "en_US",
                [body("Hello {{1}}, your {{2}} is set for {{3}}.", "Ana", "quote", "07/10")]),
            template(
                "boas_vindas", category: "MARKETING",
                [
                    [
                        "type": "HEADER", "format": "TEXT", "text": "Bem-vindo, {{1}}!",
                        "example": ["header_text": ["Ana"]],
                    ],
                    body("Temos uma oferta de {{1}} para você até {{2}}.", "20%", "sexta"),
                    ["type": "FOOTER", "text": "Responda PARAR para sair"],
                    [
                        "type": "BUTTONS",
                        "buttons": [
                            ["type": "QUICK_REPLY", "text": "Quero saber mais"],
                            [
                                "type": "URL", "text": "Ver oferta", "url": "https://example.com/o/{{1}}",
                                "example": ["https://example.com/o/abc"],
                            ],
                            ["type": "PHONE_NUMBER", "text": "Ligar", "phone_number": "+5521987654321"],
                        ],
                    ],
                ]),
            template(
                "confirmacao_visita", format: "NAMED",
                [
                    [
                        "type": "BODY", "text": "Oi {{first_name}}, confirmamos a visita de {{day}} às {{hour}} horas.",
                        "example": [
                            "body_text_named_params": [
                                ["param_name": "first_name", "example": "Ana"],
                                ["param_name": "day", "example": "terça"],
                                ["param_name": "hour", "example": "15"],
                            ]
                        ],
                    ]
                ]),
            template(
                "catalogo_imagem", category: "MARKETING",
                [
                    ["type": "HEADER", "format": "IMAGE", "example": ["header_handle": ["4::aW"]]],
                    body("Veja o novo catálogo, {{1}}, com preços de {{2}} para você.", "Ana", "julho"),
                ]),
            template(
                "cupom_retorno", category: "MARKETING",
                [
                    body("Seu cupom, {{1}}, vale até domingo.", "Ana"),
                    ["type": "BUTTONS", "buttons": [["type": "COPY_CODE", "text": "Copiar", "example": ["VOLTA10"]]]],
                ]),
            template(
                "codigo_acesso", category: "AUTHENTICATION",
                [
                    [
                        "type": "BODY", "text": "*{{1}}* é seu código de verificação.",
                        "add_security_recommendation": false,
                    ],
                    [
                        "type": "BUTTONS",
                        "buttons": [
                            [
                                "type": "URL", "text": "Copiar código",
                                "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                            ]
                        ],
                    ],
                ]),
            template("aviso_simples", [["type": "BODY", "text": "Seu atendimento começa em instantes."]]),
            template(
                "oferta_pausada", category: "MARKETING", status: "PAUSED", quality: "RED",
                [
                    body("Oferta de {{1}} para você hoje.", "10%")
                ]),
            template(
                "oferta_desativada", category: "MARKETING", status: "DISABLED", quality: "RED",
                [
                    body("Última chance, {{1}}, só hoje.", "Ana")
                ]),
            template("em_analise", status: "PENDING", quality: "UNKNOWN", [body("Olá {{1}}, tudo bem?", "Ana")]),
            template(
                "recusado", category: "MARKETING", status: "REJECTED", quality: "UNKNOWN", reason: "PROMOTIONAL",
                [
                    body("Ganhe {{1}} agora mesmo.", "R$ 50")
                ]),
        ]
    }

    private static func body(_ text: String, _ examples: String...) -> JSONValue {
        [
            "type": "BODY", "text": .string(text),
            "example": ["body_text": [.array(examples.map(JSONValue.string))]],
        ]
    }
}
