import Domain
import Testing

@Suite struct ContactIdentifierTests {
    private func read(_ kind: ContactIdentifier.Kind, _ text: String, scope: String? = nil) throws -> ContactIdentifier
    {
        try ContactIdentifier.read(kind, text, scope: scope, defaultCountry: "BR")
    }

    @Test(arguments: [
        (ContactIdentifier.Kind.phone, "11 98765-1001", "+5511987651001", "551187651001"),
        (.waID, "551187651001", "551187651001", "551187651001"),
        (.waID, "+5511987651001", "5511987651001", "551187651001"),
        (.lid, "123", "123@lid", "123@lid"), (.lid, "123@lid", "123@lid", "123@lid"),
        (.email, " Ana@Example.com", "Ana@Example.com", "ana@example.com"),
        (.externalID, "Ab-1", "Ab-1", "Ab-1"),
    ])
    func `each kind is brought to the form in which equal ones are equal`(
        _ kind: ContactIdentifier.Kind, _ text: String, _ value: String, _ key: String
    ) throws {
        let identifier = try read(kind, text)
        #expect(identifier.value == value)
        #expect(identifier.matchKey == key)
    }

    @Test func `what is no identifier of its kind is refused with the reason`() {
        func fault(_ kind: ContactIdentifier.Kind, _ text: String, scope: String? = nil) -> ContactIdentifier.Fault? {
            do throws(ContactIdentifier.Fault) {
                _ = try ContactIdentifier.read(kind, text, scope: scope, defaultCountry: "BR")
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(.phone, "12") == .phone)
        #expect(fault(.email, "ana") == .email)
        #expect(fault(.waID, "55a") == .digits)
        #expect(fault(.lid, "@lid") == .digits)
        #expect(fault(.bsuid, "BR.1") == .scopeMissing)
        #expect(fault(.phone, "+5511987651001", scope: "x") == .scopeUnexpected)
        #expect(fault(.bsuid, "BR.1", scope: "portfolio") == nil)
    }

    @Test func `a phone and WhatsApp's address of it are the same person's, whatever the ninth digit`() throws {
        let phone = try read(.phone, "+5511987651001")
        #expect(phone.isSame(as: try read(.waID, "551187651001")))
        #expect(!phone.isSame(as: try read(.phone, "+5511987651002")))
        #expect(!(try read(.bsuid, "BR.1", scope: "a")).isSame(as: try read(.bsuid, "BR.1", scope: "b")))
        #expect(!(try read(.externalID, "1")).isSame(as: ContactIdentifier(kind: .lid, value: "1", matchKey: "1")))
    }
}
