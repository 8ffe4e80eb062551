import Domain
import JSON

/// One template of the demo's business accounts.
struct DemoTemplate: Sendable {
    let providerID: String
    let name: String
    var language = "pt_BR"
    var category = "UTILITY"
    var status = Template.Status.approved
    var format = Template.ParameterFormat.positional
    var labels: [String] = []
    var quality = "GREEN"
    let components: JSONValue
}

/// Each kind of template that a send can meet. The first is the Syncro documentation's own example.
enum DemoTemplates {
    static let all: [DemoTemplate] = [
        DemoTemplate(
            providerID: "900000000000001", name: "lembrete_proposta", labels: ["nome", "titulo", "data"],
            components: [["type": "BODY", "text": "Olá {{1}}, sua {{2}} está agendada para {{3}}."]]),
        DemoTemplate(
            providerID: "900000000000002", name: "confirmacao_visita", labels: ["imovel", "nome", "horario"],
            components: [
                [
                    "type": "HEADER", "format": "TEXT", "text": "Visita ao {{1}}",
                    "example": ["header_text": ["Apartamento 42"]],
                ],
                [
                    "type": "BODY", "text": "Oi {{1}}, sua visita está confirmada para {{2}}. Até lá!",
                    "example": ["body_text": [["Ana", "sexta às 15h"]]],
                ],
                ["type": "FOOTER", "text": "Responda SAIR para não receber mensagens."],
            ]),
        DemoTemplate(
            providerID: "900000000000003", name: "rastreio_pedido", labels: ["nome", "codigo"],
            components: [
                [
                    "type": "BODY", "text": "{{1}}, seu pedido saiu para entrega hoje.",
                    "example": ["body_text": [["Ana"]]],
                ],
                [
                    "type": "BUTTONS",
                    "buttons": [
                        [
                            "type": "URL", "text": "Rastrear", "url": "https://loja.example/rastreio/{{1}}",
                            "example": ["https://loja.example/rastreio/BR123"],
                        ]
                    ],
                ],
            ]),
        DemoTemplate(
            providerID: "900000000000004", name: "codigo_acesso", category: "AUTHENTICATION", labels: ["codigo"],
            components: [
                [
                    "type": "BODY", "text": "*{{1}}* é seu código de verificação.", "add_security_recommendation": true,
                    "example": ["body_text": [["123456"]]],
                ],
                ["type": "FOOTER", "code_expiration_minutes": 10],
                [
                    "type": "BUTTONS",
                    "buttons": [
                        [
                            "type": "URL", "text": "Copiar código",
                            "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
                            "example": ["https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456"],
                        ]
                    ],
                ],
            ]),
        DemoTemplate(
            providerID: "900000000000005", name: "boas_vindas", format: .named,
            components: [
                [
                    "type": "BODY", "text": "Bem-vinda, {{first_name}}! Seu plano {{plan_name}} já está ativo.",
                    "example": [
                        "body_text_named_params": [
                            ["param_name": "first_name", "example": "Ana"],
                            ["param_name": "plan_name", "example": "Ouro"],
                        ]
                    ],
                ]
            ]),
        DemoTemplate(
            providerID: "900000000000006", name: "promocao_dezembro", category: "MARKETING", status: .pending,
            labels: ["nome"], quality: "UNKNOWN",
            components: [["type": "BODY", "text": "Oi {{1}}, as ofertas de dezembro chegam em breve."]]),
        DemoTemplate(
            providerID: "900000000000007", name: "pesquisa_satisfacao", status: .paused, labels: ["nome"],
            quality: "RED",
            components: [["type": "BODY", "text": "Oi {{1}}, como foi o seu atendimento conosco?"]]),
        DemoTemplate(
            providerID: "900000000000008", name: "pedido_completo", labels: ["loja", "nome", "pedido", "rastreio"],
            components: [
                [
                    "type": "HEADER", "format": "TEXT", "text": "Pedido na {{1}}",
                    "example": ["header_text": ["Loja Sul"]],
                ],
                [
                    "type": "BODY", "text": "Oi {{1}}, o pedido {{2}} foi aprovado.",
                    "example": ["body_text": [["Ana", "4711"]]],
                ],
                ["type": "FOOTER", "text": "Obrigado pela compra."],
                [
                    "type": "BUTTONS",
                    "buttons": [
                        ["type": "QUICK_REPLY", "text": "Falar com alguém"],
                        [
                            "type": "URL", "text": "Acompanhar", "url": "https://loja.example/p/{{1}}",
                            "example": ["https://loja.example/p/4711"],
                        ],
                    ],
                ],
            ]),
        DemoTemplate(
            providerID: "900000000000009", name: "ordem_trocada", labels: ["nome", "cidade"],
            components: [
                ["type": "BODY", "text": "Em {{2}} espera por você, {{1}}, uma oferta. {{1}}, não perca!"]
            ]),
        DemoTemplate(
            providerID: "900000000000010", name: "resumo_dez",
            labels: ["um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez"],
            components: [
                [
                    "type": "BODY",
                    "text": "Itens: {{10}} e {{1}}, {{2}}, {{3}}, {{4}}, {{5}}, {{6}}, {{7}}, {{8}}, {{9}}. Fim.",
                ]
            ]),
        DemoTemplate(
            providerID: "900000000000011", name: "cupom_natal", category: "MARKETING", labels: ["nome", "cupom"],
            components: [
                ["type": "BODY", "text": "Oi {{1}}, um presente de Natal para você."],
                ["type": "BUTTONS", "buttons": [["type": "COPY_CODE", "text": "Copiar cupom", "example": "NATAL10"]]],
            ]),
        DemoTemplate(
            providerID: "900000000000012", name: "catalogo_foto", category: "MARKETING", labels: ["nome"],
            components: [
                ["type": "HEADER", "format": "IMAGE", "example": ["header_handle": ["4::aW1hZ2U="]]],
                ["type": "BODY", "text": "Oi {{1}}, este é o nosso novo catálogo."],
            ]),
        DemoTemplate(
            providerID: "900000000000013", name: "lembrete_proposta", language: "en_US",
            labels: ["name", "title", "date"],
            components: [["type": "BODY", "text": "Hello {{1}}, your {{2}} is scheduled for {{3}}."]]),
        DemoTemplate(
            providerID: "900000000000014", name: "aviso_simples",
            components: [["type": "BODY", "text": "Recebemos seu contato e responderemos em breve."]]),
    ]

    /// The second account's.
    static let other: [DemoTemplate] = [
        DemoTemplate(
            providerID: "900000000000101", name: "aviso_outra_conta", labels: ["nome"],
            components: [["type": "BODY", "text": "Oi {{1}}, este aviso é de outra conta."]])
    ]
}
