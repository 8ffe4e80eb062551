/// One of the demo's leads.
struct DemoLead: Sendable {
    let name: String
    var phone: String?
    var email: String?
    var company: String?
    /// Centavos.
    var value: Int64?
    var source = "site"
    var tags: [String] = []
}

/// Numbers that end in 1001 and above: none of them is one of the simulator's magic ones.
enum DemoLeads {
    static let all: [DemoLead] = [
        DemoLead(
            name: "Ana Souza", phone: "+5511987651001", email: "ana.souza@example.com", value: 500_000, tags: ["vip"]),
        DemoLead(name: "Bruno Lima", phone: "+5511987651002", email: "bruno.lima@example.com", source: "indicação"),
        DemoLead(name: "Carla Mendes", phone: "+5521987651003", company: "Mendes Arquitetura", value: 1_250_000),
        DemoLead(name: "Diego Rocha", phone: "+5521987651004", source: "anúncio", tags: ["campanha"]),
        DemoLead(name: "Elisa Prado", phone: "+5531987651005", email: "elisa.prado@example.com"),
        DemoLead(name: "Fábio Nunes", phone: "+5531987651006", value: 89_990),
        DemoLead(name: "Gabriela Dias", phone: "+5541987651007", company: "Dias & Filhos"),
        DemoLead(name: "Henrique Alves", phone: "+5541987651008", source: "feira"),
        DemoLead(name: "Isabela Torres", phone: "+5551987651009", tags: ["vip", "retorno"]),
        DemoLead(name: "João Pedro Reis", phone: "+5551987651010", value: 320_000),
        DemoLead(name: "Karina Melo", phone: "+5561987651011", email: "karina.melo@example.com"),
        DemoLead(name: "Lucas Barros", phone: "+5561987651012"),
        DemoLead(name: "Marina Castro", phone: "+5571987651013", source: "anúncio"),
        DemoLead(name: "Natália Freitas", phone: "+5571987651014", company: "Freitas Imóveis"),
        DemoLead(name: "Otávio Ramos", phone: "+5581987651015"),
        DemoLead(name: "Paula Vieira", phone: "+5581987651016", value: 47_500),
        DemoLead(name: "Rafael Cunha", phone: "+5585987651017", tags: ["campanha"]),
        DemoLead(name: "Sofia Martins", phone: "+5585987651018", email: "sofia.martins@example.com"),
        DemoLead(name: "Tiago Borges", phone: "+5592987651019"),
        DemoLead(name: "Vitória Campos", email: "vitoria.campos@example.com"),
    ]

    static let other: [DemoLead] = [
        DemoLead(name: "Úrsula Teixeira", phone: "+5531987652001")
    ]
}
