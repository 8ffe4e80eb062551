import JSON

@testable import Domain

/// Templates as Meta gives them back.
enum TemplateSamples {
    static func content(
        _ components: JSONValue, format: Template.ParameterFormat = .positional, category: String = "UTILITY",
        labels: [String] = []
    ) -> TemplateContent {
        TemplateContent(components: components, parameterFormat: format, category: category, labels: labels)
    }

    static func body(_ text: String, labels: [String] = []) -> TemplateContent {
        content([["type": "BODY", "text": .string(text)]], labels: labels)
    }

    static let reminder = body(
        "Olá {{1}}, sua {{2}} está agendada para {{3}}.", labels: ["nome", "titulo", "data"])

    static let everything = content(
        [
            ["type": "HEADER", "format": "TEXT", "text": "Pedido {{1}}", "example": ["header_text": ["42"]]],
            [
                "type": "BODY", "text": "Para {{2}}, de {{1}}: {{2}}!",
                "example": ["body_text": [["Ana", "Bia"]]],
            ],
            ["type": "FOOTER", "text": "Loja"],
            [
                "type": "BUTTONS",
                "buttons": [
                    ["type": "QUICK_REPLY", "text": "Sim"],
                    [
                        "type": "URL", "text": "Ver", "url": "https://loja.example/p/{{1}}",
                        "example": ["https://loja.example/p/abc"],
                    ],
                    ["type": "COPY_CODE", "text": "Copiar", "example": "PROMO10"],
                ],
            ],
        ])

    static let named = content(
        [
            [
                "type": "body", "text": "Oi {{first_name}}, seu pedido {{ order_id }} saiu, {{first_name}}.",
                "example": [
                    "body_text_named_params": [
                        ["param_name": "order_id", "example": "77"], ["param_name": "first_name", "example": "Ana"],
                    ]
                ],
            ]
        ], format: .named)

    static let image = content([
        ["type": "HEADER", "format": "IMAGE"], ["type": "BODY", "text": "Novidades para {{1}} hoje."],
    ])

    static let otpButton: JSONValue = ["type": "OTP", "otp_type": "COPY_CODE", "text": "Copiar código"]
    static let linkButton: JSONValue = [
        "type": "URL", "text": "Copiar código",
        "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
    ]

    static func authentication(button: JSONValue) -> TemplateContent {
        content(
            [
                [
                    "type": "BODY", "text": "*{{1}}* is your verification code.", "add_security_recommendation": true,
                    "example": ["body_text": [["123456"]]],
                ],
                ["type": "BUTTONS", "buttons": [button]],
            ], category: "AUTHENTICATION")
    }

    static func list(_ values: String...) -> VariablesInput { .list(values.map { .text($0) }) }

    static func object(_ members: KeyValuePairs<String, String>) -> VariablesInput {
        .object(members.map { VariableMember(key: $0.key, value: .text($0.value)) })
    }
}

extension Result where Success == BoundTemplate, Failure == BindingFaults {
    var faults: [BindingFault] {
        if case .failure(let faults) = self { faults.all } else { [] }
    }

    /// `pointer code`, which most cases ask for.
    var lines: [String] { faults.map { "\($0.pointer) \($0.code.rawValue)" } }

    var bound: BoundTemplate? { try? get() }
}
