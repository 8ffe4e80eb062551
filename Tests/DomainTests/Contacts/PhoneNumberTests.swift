import TestRandom
import Testing

@testable import Domain

@Suite struct PhoneNumberTests {
    @Test(arguments: [
        ("+55 (11) 98765-4321", "US", "+5511987654321"), ("0055 11 98765-4321", "US", "+5511987654321"),
        ("11 98765-4321", "BR", "+5511987654321"), ("011 98765-4321", "BR", "+5511987654321"),
        ("0 15 11 98765-4321", "BR", "+5511987654321"), ("5511987654321", "BR", "+5511987654321"),
        ("5511987654321", "US", "+5511987654321"), ("(11) 3456-7890", "br", "+551134567890"),
        ("11 8765-4321", "BR", "+551187654321"), ("+551187654321", "BR", "+551187654321"),
        ("202-555-0123", "US", "+12025550123"), ("1 202 555 0123", "US", "+12025550123"),
        ("12025550123", "BR", "+12025550123"), ("020 7946 0958", "GB", "+442079460958"),
        ("+44 (0)20 7946 0958", "BR", "+442079460958"), ("07911 123456", "GB", "+447911123456"),
        ("55 1234 5678", "MX", "+525512345678"), ("044 55 1234 5678", "MX", "+525512345678"),
        ("+52 1 55 1234 5678", "MX", "+5215512345678"), ("011 15 2345-6789", "AR", "+5491123456789"),
        ("0351 15 234-5678", "AR", "+5493512345678"), ("912 345 678", "PT", "+351912345678"),
        ("0151 23456789", "DE", "+4915123456789"), ("98765 43210", "IN", "+919876543210"),
        ("06 12 34 56 78", "FR", "+33612345678"), ("+33 6 12 34 56 78", "BR", "+33612345678"),
        ("8 912 345-67-89", "RU", "+79123456789"),
        ("\u{202A}+55\u{A0}11\u{2011}98765\u{2013}4321\u{202C}", "BR", "+5511987654321"),
        ("٠١١ ٩٨٧٦٥٤٣٢١", "BR", "+5511987654321"), ("＋５５１１９８７６５４３２１", "BR", "+5511987654321"),
        ("+5511987654321", "??", "+5511987654321"),
    ])
    func `a number is read as its sender means it`(input: String, country: String, e164: String) {
        #expect(PhoneNumber(input, defaultCountry: country)?.e164 == e164)
    }

    @Test(arguments: [
        "", "+", "abc", "+55", "++5511987654321", "55+11987654321", "11 98765-4321 ramal 5", "+1 123 555 0123",
        "987654321", "3456-7890", "+999 123 456 789", "+55 20 98765-4321", "+5511187654321", "+55119876543210",
        "+123456789012345678", "+44 7911 12345", "tel:", "00000000000", "+5500987654321",
    ])
    func `what is no number is none`(input: String) {
        #expect(PhoneNumber(input, defaultCountry: "BR") == nil)
    }

    @Test(arguments: [
        "+8200000730555555", "+820000730555555", "+82000730555555", "+8200730555555", "+82000000000000000",
    ])
    func `what a number is kept as is read as itself`(_ input: String) {
        guard let number = PhoneNumber(input, defaultCountry: "KR") else { return }
        #expect(PhoneNumber(number.e164, defaultCountry: "KR") == number)
        #expect(PhoneNumber(waID: number.digits) == number)
    }

    @Test func `an international number does not depend on the default country`() {
        for country in CallingCodes.plans.flatMap(\.countries) {
            #expect(PhoneNumber("+5511987654321", defaultCountry: String(country.country))?.e164 == "+5511987654321")
        }
    }

    @Test(arguments: [
        ("+5511987654321", "+551187654321"), ("+5531999998888", "+553199998888"), ("+5215512345678", "+525512345678"),
        ("+5491123456789", "+541123456789"),
    ])
    func `variants of one number share a key`(one: String, other: String) {
        let keys = [one, other].map { PhoneNumber($0, defaultCountry: "US")?.matchKey }
        #expect(keys[0] != nil)
        #expect(keys[0] == keys[1])
    }

    @Test func `in all 67 areas of Brazil mobiles lose their ninth digit in the key and landlines nothing`() {
        var areas = 0
        for area in 11...99 {
            guard let mobile = PhoneNumber("+55\(area)987654321", defaultCountry: "BR") else { continue }
            areas += 1
            #expect(mobile.matchKey == "55\(area)87654321")
            #expect(PhoneNumber("+55\(area)87654321", defaultCountry: "BR")?.matchKey == mobile.matchKey)
            let landline = PhoneNumber("+55\(area)34567890", defaultCountry: "BR")
            #expect(landline?.matchKey == "55\(area)34567890")
            // Begins like that landline once its 9 is gone, and is somebody else's.
            let newer = PhoneNumber("+55\(area)934567890", defaultCountry: "BR")
            #expect(newer?.matchKey == "55\(area)934567890")
        }
        #expect(areas == 67)
    }

    @Test func `a wa_id is a number with its code, or none`() {
        #expect(PhoneNumber(waID: "551187654321")?.matchKey == "551187654321")
        #expect(PhoneNumber(waID: "+551187654321") == nil)
        #expect(PhoneNumber(waID: "123@lid") == nil)
    }

    @Test func `reading what was written gives the same number`() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2000 {
            let digits = (0..<Int.random(in: 7...13, using: &random)).map { _ in
                String(Int.random(in: 0...9, using: &random))
            }
            guard let number = PhoneNumber("+" + digits.joined(), defaultCountry: "BR") else { continue }
            #expect(PhoneNumber(number.e164, defaultCountry: "DE") == number)
            #expect(7...15 ~= number.digits.count)
        }
    }
}
