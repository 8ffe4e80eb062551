import Domain
import JSON
import Testing

/// Which values a custom field takes.
@Suite struct CustomFieldSchemaTests {
    private static func field(
        _ name: String, _ type: CustomFieldType, required: Bool = false, active: Bool = true
    ) -> CustomField {
        CustomField(
            id: CustomField.ID(1), name: name, label: name, type: type,
            options: type.hasOptions ? ["a", "b"] : [], isRequired: required, isActive: active, showOnCard: false,
            sortOrder: 1)
    }

    private static func check(
        _ value: JSONValue, _ type: CustomFieldType, currency: String = "BRL"
    ) -> CustomFieldSchema.Judgement {
        CustomFieldSchema([field("x", type)], currency: currency)
            .check(JSONObject([("x", value)]), isNew: false, lenient: false)
    }

    private static func number(_ text: String) -> JSONValue {
        JSONNumber(text).map { .number($0) } ?? .null
    }

    @Test(arguments: [
        (CustomFieldType.text, "olá" as JSONValue), (.text, .string(String(repeating: "é", count: 5_000))),
        (.number, 5), (.number, number("-3.141592653")), (.number, number("999999999999999999")),
        (.currency, number("10.55")), (.currency, number("10")),
        (.date, "2026-02-28"), (.date, "2024-02-29"), (.select, "a"), (.multiselect, .array(["b", "a"])),
        (.multiselect, .array([])),
        (.checkbox, true), (.checkbox, false),
    ])
    func `a value of the field's type is kept as it is given`(_ type: CustomFieldType, _ value: JSONValue) {
        let judged = Self.check(value, type)
        #expect(judged.faults == [])
        #expect(judged.values["x"] == value)
    }

    @Test(arguments: [
        (CustomFieldType.text, 5 as JSONValue, CustomFieldFault.Code.wrongType("string")),
        (.text, "a\u{0}", .invalidCharacter), (.text, .string(String(repeating: "é", count: 5_001)), .tooLong(5_000)),
        (.number, "5", .wrongType("number")), (.number, number("1e999"), .outOfRange),
        (.number, number("0.0000000001"), .outOfRange), (.number, true, .wrongType("number")),
        (.currency, number("10.555"), .tooManyDecimals(2)), (.currency, "10", .wrongType("number")),
        (.date, "2026-02-29", .notADate), (.date, "2026-02-28T10:00:00Z", .notADate),
        (.date, 20_260_228, .wrongType("string")), (.select, "c", .notOneOf(["a", "b"])),
        (.select, .array(["a"]), .wrongType("string")),
        (.multiselect, "a", .wrongType("array")), (.multiselect, .array(["a", "b", "a"]), .tooMany(2)),
        (.checkbox, "true", .wrongType("boolean")), (.checkbox, 1, .wrongType("boolean")),
        (.checkbox, "", .wrongType("boolean")),
    ])
    func `a value of another type is told with its reason`(
        _ type: CustomFieldType, _ value: JSONValue, _ code: CustomFieldFault.Code
    ) {
        let judged = Self.check(value, type)
        #expect(judged.faults == [CustomFieldFault("x", code)])
        #expect(judged.values.isEmpty)
    }

    @Test(arguments: [
        ("1e3", "1000"), ("0e999999999", "0"), ("0E-999999999", "0"), ("-12.5e-1", "-1.25"), ("1.50", "1.50"),
    ])
    func `a number is kept without an exponent`(_ given: String, _ kept: String) {
        for type in [CustomFieldType.number, .currency] {
            let judged = Self.check(Self.number(given), type)
            #expect(judged.faults == [])
            #expect(judged.values["x"]?.number?.text == kept)
        }
    }

    @Test func `every element of a multiselect is judged by itself`() {
        #expect(
            Self.check(["c", 1], .multiselect).faults == [
                CustomFieldFault("x", .notOneOf(["a", "b"]), at: 0), CustomFieldFault("x", .wrongType("string"), at: 1),
            ])
        #expect(Self.check(["a", "a"], .multiselect).faults == [CustomFieldFault("x", .repeated, at: 1)])
    }

    @Test func `amounts have the decimals of the account's currency`() {
        #expect(Self.check(10, .currency, currency: "JPY").faults == [])
        #expect(Self.check(Self.number("10.5"), .currency, currency: "JPY").faults.map(\.code) == [.tooManyDecimals(0)])
        #expect(Self.check(Self.number("10.555"), .currency, currency: "KWD").faults == [])
    }

    @Test(arguments: CustomFieldType.allCases)
    func `null clears on a change and says nothing on a new lead`(_ type: CustomFieldType) {
        let schema = CustomFieldSchema([Self.field("x", type)], currency: "BRL")
        let changed = schema.check(JSONObject([("x", .null)]), isNew: false, lenient: false)
        #expect(changed.values["x"] == .null)
        let made = schema.check(JSONObject([("x", .null)]), isNew: true, lenient: false)
        #expect(made.values.isEmpty)
        #expect(made.faults == [])
    }

    @Test(arguments: CustomFieldType.allCases)
    func `a required field must be there on a new lead, and is never cleared`(_ type: CustomFieldType) {
        let schema = CustomFieldSchema([Self.field("x", type, required: true)], currency: "BRL")
        let required = [CustomFieldFault("x", .required)]
        #expect(schema.check(JSONObject([]), isNew: true, lenient: true).faults == required)
        #expect(schema.check(JSONObject([("x", .null)]), isNew: true, lenient: false).faults == required)
        #expect(schema.check(JSONObject([("x", .null)]), isNew: false, lenient: false).faults == required)
        #expect(schema.check(JSONObject([]), isNew: false, lenient: false).faults == [])
    }

    @Test func `a blank is no value`() {
        for type in [CustomFieldType.text, .date, .select, .number] {
            let judged = Self.check(" \n", type)
            #expect(judged.values["x"] == .null, "\(type)")
            #expect(judged.faults == [])
        }
        let required = CustomFieldSchema(
            [Self.field("x", .text, required: true), Self.field("y", .multiselect, required: true)], currency: "BRL")
        let judged = required.check(JSONObject([("x", " "), ("y", [])]), isNew: true, lenient: false)
        #expect(judged.faults == [CustomFieldFault("x", .required), CustomFieldFault("y", .required)])
    }

    @Test func `everything that is wrong is told, in the order of the body, then what is missing`() {
        let schema = CustomFieldSchema(
            [Self.field("n", .number), Self.field("d", .date), Self.field("r", .text, required: true)],
            currency: "BRL")
        let judged = schema.check(
            JSONObject([("nope", 1), ("d", "soon"), ("n", "5"), ("N", 5)]), isNew: true, lenient: false)
        #expect(
            judged.faults == [
                CustomFieldFault("nope", .unknown), CustomFieldFault("d", .notADate),
                CustomFieldFault("n", .wrongType("number")), CustomFieldFault("N", .unknown),
                CustomFieldFault("r", .required),
            ])
    }

    @Test func `a lenient caller's unknown keys are ignored and told, the others judged`() {
        let schema = CustomFieldSchema([Self.field("n", .number)], currency: "BRL")
        let judged = schema.check(JSONObject([("nope", 1), ("n", "5")]), isNew: true, lenient: true)
        #expect(judged.ignored == ["nope"])
        #expect(judged.faults == [CustomFieldFault("n", .wrongType("number"))])
    }

    @Test func `a field that is not active takes nothing and asks for nothing`() {
        let schema = CustomFieldSchema([Self.field("x", .text, required: true, active: false)], currency: "BRL")
        #expect(schema.check(JSONObject([]), isNew: true, lenient: false).faults == [])
        #expect(
            schema.check(JSONObject([("x", "a")]), isNew: false, lenient: true).faults
                == [CustomFieldFault("x", .inactive)])
    }

    @Test func `a name is a letter and what may follow it`() {
        for name in ["a", "plano", "Plano-2_x", String(repeating: "a", count: 64)] { #expect(CustomField.isName(name)) }
        for name in ["", "1a", "_a", "a.b", "a b", "ção", "a/b", String(repeating: "a", count: 65)] {
            #expect(!CustomField.isName(name), "\(name)")
        }
    }
}
