import Domain
import JSON
import Testing

@Suite struct VariableMappingTests {
    private static let facts = LeadFacts(
        ["name": "  Ana Maria Souza", "company": "", "email": nil, "source": "site"],
        customFields: ["plano": "Ouro", "cores": ["azul", "verde"], "peso": 12, "ativo": true, "vazio": " "])

    @Test(arguments: [
        ("lead.first_name", "Ana"), ("lead.name", "  Ana Maria Souza"), ("lead.source", "site"),
        ("lead.custom_fields.plano", "Ouro"), ("lead.custom_fields.cores", "azul, verde"),
        ("lead.custom_fields.peso", "12"),
    ])
    func `a mapping draws what the lead is known by`(_ source: String, _ value: String) {
        let mapping = VariableMapping(source: source, fallback: "padrão")
        #expect(mapping.value(from: Self.facts) == MappedValue(value: value, source: source))
    }

    @Test(arguments: [
        "lead.company", "lead.email", "lead.nothing", "lead.custom_fields.vazio", "lead.custom_fields.ativo",
        "lead.custom_fields.none", "contact.name", "",
    ])
    func `where the lead has nothing to say the default does, and without one the slot stays open`(_ source: String) {
        #expect(VariableMapping(source: source, fallback: "padrão").value(from: Self.facts)?.value == "padrão")
        #expect(VariableMapping(source: source, fallback: nil).value(from: Self.facts) == nil)
    }

    @Test func `mappings are read as they are kept`() {
        #expect(
            VariableMapping(json: ["source": "lead.name", "default": "x"])
                == VariableMapping(source: "lead.name", fallback: "x"))
        #expect(VariableMapping(json: ["source": "lead.name"]) == VariableMapping(source: "lead.name", fallback: nil))
        #expect(VariableMapping(json: .null) == nil)
    }

    @Test func `a recipient's own variables stand over the shared ones`() throws {
        func read(_ json: JSONValue) throws -> VariablesInput { try #require(VariablesInput(json)) }
        let shared = try read(["a": "1", "b": "2"])
        #expect(VariablesInput.absent.over(shared) == shared)
        #expect(try read(["b": "3", "c": .null]).over(shared) == read(["b": "3", "c": .null, "a": "1"]))
        #expect(try read(["x"]).over(shared) == read(["x"]))
        #expect(try read(["a": "1"]).over(read(["x", "y"])) == read(["a": "1"]))
        #expect(VariablesInput("text") == nil)
    }
}
