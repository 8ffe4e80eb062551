import Domain
import JSON
import Testing

@Suite struct PersonTracesTests {
    private let ana = PersonTraces(
        [
            ContactIdentifier(kind: .phone, value: "+5511987651001", matchKey: "551187651001"),
            ContactIdentifier(kind: .lid, value: "777@lid", matchKey: "777@lid"),
            ContactIdentifier(kind: .externalID, value: "7", matchKey: "7"),
        ], messageIDs: ["wamid.A"])

    private func meta(_ messages: [JSONValue], number: String = "1") -> JSONValue {
        [
            "entry": [
                [
                    "changes": [
                        ["value": ["metadata": ["phone_number_id": .string(number)], "messages": .array(messages)]]
                    ]
                ]
            ]
        ]
    }

    @Test func `the items of the person go and those of others stay`() {
        let hers: JSONValue = ["from": "5511987651001", "text": ["body": "Oi"]]
        let old: JSONValue = ["from": "551187651001"]
        let named: JSONValue = ["id": "wamid.A"]
        #expect(ana.removed(from: meta([hers, old, named]), instances: ["1"]) == .rewritten(meta([])))
        let other: JSONValue = ["from": "5511987651002"]
        #expect(ana.removed(from: meta([hers, other]), instances: ["1"]) == .rewritten(meta([other])))
        #expect(ana.removed(from: meta([other]), instances: ["1"]) == .untouched)
    }

    @Test func `of a body about the person alone nothing is left`() {
        let body: JSONValue = ["session": "s", "payload": ["from": "777@lid", "list": [1]]]
        #expect(ana.removed(from: body, instances: ["s"]) == .nothing)
        #expect(ana.removed(from: ["payload": 5_511_987_651_001], instances: []) == .nothing)
    }

    @Test func `what came to another account's number is none of ours`() {
        let hers: JSONValue = ["from": "5511987651001"]
        #expect(ana.removed(from: meta([hers], number: "2"), instances: ["1"]) == .untouched)
        #expect(ana.removed(from: ["session": "t", "from": "777@lid"], instances: ["s"]) == .untouched)
    }

    @Test(arguments: [
        ("551187651001", ["551187651001", "5511987651001"]), ("525512345678", ["525512345678", "5215512345678"]),
        ("541123456789", ["541123456789", "5491123456789"]), ("551133334444", ["551133334444"]),
        ("351912345678", ["351912345678"]), ("1", ["1"]),
    ])
    func `a number is known by every form that has its key`(_ key: String, _ forms: [String]) {
        #expect(PhoneMatchKey.forms(of: key) == forms)
        #expect(forms.allSatisfy { PhoneMatchKey.key(for: $0) == key })
    }
}
