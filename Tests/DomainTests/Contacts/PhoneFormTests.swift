import Testing

@testable import Domain

@Suite struct PhoneFormTests {
    @Test(arguments: PhoneNumberCases.closelyKnown + PhoneNumberCases.world)
    func `every kind of number is read in the ways of its country`(number: PhoneNumberCases.Case) {
        #expect(PhoneNumber(number.written, defaultCountry: number.country)?.e164 == number.e164)
    }

    @Test(arguments: [
        ("011 44 20 7946 0958", "US", "+442079460958"), ("00 15 1 202 555 0123", "BR", "+12025550123"),
        ("0041 55 28 2177-7631", "BR", "+552821777631"), ("0041 44 668 18 00", "BR", "+41446681800"),
        ("0015 55 11 98765-4321", "BR", "+5511987654321"), ("810 55 11 98765 4321", "RU", "+5511987654321"),
        ("0011 55 11 98765 4321", "AU", "+5511987654321"), ("0 15 11 3456-7890", "BR", "+551134567890"),
        ("90 15 11 98765-4321", "BR", "+5511987654321"), ("01 55 1234 5678", "MX", "+525512345678"),
        ("045 55 1234 5678", "MX", "+525512345678"), ("1 55 1234 5678", "MX", "+5215512345678"),
        ("02982 15-48-5827", "AR", "+5492982485827"), ("0298 15 412-3456", "AR", "+5492984123456"),
        ("15 2345-6789", "AR", nil), ("+54 9 11 15 2345-6789", "US", "+5491123456789"),
        ("+54 011 15 2345-6789", "US", "+5491123456789"), ("06 6982", "IT", "+39066982"),
        ("+39 (0)6 1234 5678", "US", "+390612345678"), ("+351 (0)21 123 4567", "US", "+351211234567"),
        ("+41 (0)44 668 18 00", "US", "+41446681800"), ("+7 (8) 912 345-67-89", "US", "+79123456789"),
        ("06 1 234 5678", "HU", "+3612345678"), ("8 800 555-35-35", "RU", "+78005553535"),
        ("800 555-35-35", "RU", "+78005553535"), ("464-1234", "AG", "+12684641234"),
        ("18002 020 7946 0958", "GB", "+442079460958"), ("000800 100 1234", "IN", "+910008001001234"),
        ("919876543210", "IN", "+919876543210"), ("4930901820", "DE", "+4930901820"),
        ("３５１９１２３４５６７８", "BR", "+351912345678"), ("（１１）９８７６５－４３２１", "BR", "+5511987654321"),
        ("11～98765\u{2212}4321", "BR", "+5511987654321"), ("[11] 98765.4321", "BR", "+5511987654321"),
    ])
    func `a form of dialling is known`(written: String, country: String, e164: String?) {
        #expect(PhoneNumber(written, defaultCountry: country)?.e164 == e164)
    }

    @Test(arguments: [
        ("tel:+55-11-98765-4321", "+5511987654321"), ("TEL:11987654321", "+5511987654321"),
        ("tel:20-7946-0958;phone-context=+44", "+442079460958"),
        ("tel:98765-4321;phone-context=+55-11", "+5511987654321"),
        ("tel:11-98765-4321;phone-context=example.com", "+5511987654321"),
        ("tel:+1-202-555-0123;phone-context=+55;tag=x", "+12025550123"),
    ])
    func `a telephone address is read with its context`(address: String, e164: String) {
        #expect(PhoneNumber(address, defaultCountry: "BR")?.e164 == e164)
    }

    @Test(arguments: [
        ("", PhoneFault.empty), ("+", .empty), ("()", .empty), ("abc", .unexpectedCharacter),
        ("++5511987654321", .unexpectedCharacter), ("11+987654321", .unexpectedCharacter),
        ("1-800-FLOWERS", .unexpectedCharacter), ("11 98765-4321 ramal 5", .hasExtension),
        ("11 98765-4321 x5", .hasExtension), ("11 98765-4321 #12", .hasExtension),
        ("tel:+5511987654321;ext=5", .hasExtension), ("3456-7890", .notOfCountry), ("98765", .tooShort),
        ("+55", .tooShort), ("+1 202 555", .tooShort), ("+55119876543210", .tooLong), ("11 98765-43210123", .tooLong),
        ("1234567890123456789012345678901234567890", .tooLong), ("+999 123 456 789", .unknownCallingCode),
        ("00 999 123 456 789", .unknownCallingCode), ("+55 20 98765-4321", .notOfCountry),
        ("+1 123 555 0123", .notOfCountry), ("20 38765-4321", .notOfCountry), ("+5(0)5 11 98765-4321", .tooLong),
        ("+(0)55 11 98765-4321", .unknownCallingCode), ("+351 21 (0) 123 4567", .tooLong),
    ])
    func `what is wrong with it is said`(written: String, fault: PhoneFault) {
        #expect(throws: fault) { try PhoneNumber.read(written, defaultCountry: "BR") }
    }
}
