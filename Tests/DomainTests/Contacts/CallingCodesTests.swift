import TestRandom
import Testing

@testable import Domain

@Suite struct CallingCodesTests {
    @Test func `every country has a calling code, and no calling code begins another`() {
        let countries = CallingCodes.plans.flatMap { $0.countries.map(\.country) }
        #expect(countries.count == 245)
        #expect(Set(countries).count == 245)
        for country in countries { #expect(CallingCodes.country(country.lowercased()) != nil, "\(country)") }
        for plan in CallingCodes.plans {
            #expect(1...3 ~= plan.callingCode.count)
            let others = CallingCodes.plans.filter { $0.callingCode != plan.callingCode }
            #expect(others.count == CallingCodes.plans.count - 1)
            #expect(!others.contains { $0.callingCode.hasPrefix(plan.callingCode) })
        }
    }

    @Test func `each row is read whole: as many plans as rows, each with lengths that a number can have`() {
        let rows = CallingCodes.closelyKnown + CallingCodes.world.flatMap { $0.split(separator: "\n") }
        #expect(rows.count == CallingCodes.plans.count)
        for plan in CallingCodes.plans {
            #expect(plan.lengths.any != 0)
            #expect(plan.lengths.depth <= plan.lengths.shortest, "\(plan.callingCode.text)")
            #expect(plan.lengths.longest <= 17)
        }
    }

    @Test(arguments: ["", "B", "BRA", "??", "B\u{130}", "12"])
    func `what is no country is none`(code: String) {
        #expect(CallingCodes.country(code) == nil)
    }

    /// National numbers drawn from what each plan says it has.
    private static func numbers(each: Int, seed: UInt64) -> [(plan: NumberingPlan, national: Digits)] {
        var random = SeededGenerator(seed: seed)
        return CallingCodes.plans.flatMap { plan in
            var found: [(NumberingPlan, Digits)] = []
            for _ in 0..<each * 40 where found.count < each {
                var digits = Digits()
                for _ in 0..<Int.random(in: plan.lengths.shortest...plan.lengths.longest, using: &random) {
                    digits.append(.random(in: 0...9, using: &random))
                }
                if plan.lengths.contains(digits), plan.significant(digits) == digits { found.append((plan, digits)) }
            }
            return found
        }
    }

    @Test func `a number is the same with a plus, two zeros, its country's prefixes and its own trunk prefix`() {
        let numbers = Self.numbers(each: 20, seed: 5)
        #expect(numbers.count > 3000)
        for (plan, national) in numbers {
            let international = (plan.callingCode + national).text
            let number = PhoneNumber("+\(international)", defaultCountry: "US")
            #expect(number?.digits == international)
            #expect(PhoneNumber(waID: international) == number)
            #expect(PhoneNumber("00\(international)", defaultCountry: "FR") == number)
            guard let country = plan.countries.first?.country, let trunk = plan.trunkPrefixes.last else { continue }
            let atHome = trunk.text + national.text
            guard !atHome.hasPrefix("00"), plan.internationalPrefixes.allSatisfy({ !$0.begins(Digits(atHome)!) })
            else { continue }
            #expect(PhoneNumber(atHome, defaultCountry: String(country)) == number, "\(atHome) in \(country)")
        }
    }

    @Test func `two numbers share a match key only where a country changed how one number is written`() {
        var owners: [String: String] = [:]
        for (plan, national) in Self.numbers(each: 60, seed: 6) {
            let digits = (plan.callingCode + national).text
            let owner = owners.updateValue(digits, forKey: PhoneMatchKey.key(for: digits))
            let changed = ["52", "54", "55"].contains(plan.callingCode.text)
            #expect(owner == nil || owner == digits || changed, "\(digits)")
            #expect(changed || PhoneMatchKey.key(for: digits) == digits)
        }
    }

    @Test func `any text is a number or a fault`() {
        var random = SeededGenerator(seed: 7)
        let signs = Array("0123456789012345678901234567890123456789+()-. ;=#xtel:ext٣９＋\u{202A}é").map(String.init)
        let countries = CallingCodes.plans.flatMap { $0.countries.map { String($0.country) } } + ["", "??"]
        var read = 0
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in signs.randomElement(using: &random)! }
            let country = countries.randomElement(using: &random)!
            guard let number = PhoneNumber(text.joined(), defaultCountry: country) else { continue }
            read += 1
            #expect(PhoneNumber(number.e164, defaultCountry: country) == number)
        }
        #expect(read > 0)
    }
}
