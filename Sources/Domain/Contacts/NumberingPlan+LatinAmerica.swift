extension NumberingPlan {
    /// Anatel: two digits of area (67 of them), landlines in 2–5, mobiles with a ninth digit since 2012–2016.
    static let brazil = NumberingPlan(
        code: "55", trunkPrefix: "0",
        rules: brazilianAreas.flatMap { area in
            [
                Rule("\(area)[2-5]", 10),
                Rule("\(area)9", 11),
                // Mobiles as they were before the ninth digit: WhatsApp still names them so.
                Rule("\(area)[6-9]", 10),
            ]
        } + [Rule("800", 9...10), Rule("300", 10), Rule("400", 8), Rule("4020", 8), Rule("30[03]", 8)],
        rewrites: { digits in
            // A long-distance carrier of two digits may stand between the 0 and the area.
            guard digits.hasPrefix("0"), 13...14 ~= digits.count else { return [] }
            return [String(digits.dropFirst(3))]
        })

    static let brazilianAreas = ["[14689][1-9]", "2[12478]", "3[1-578]", "5[1345]", "7[134579]"]

    /// IFT: ten digits. Abroad a 1 used to stand before mobiles; at home 01, 044 and 045 did.
    static let mexico = NumberingPlan(
        code: "52", trunkPrefix: "",
        rules: [Rule("[2-9]", 10), Rule("1[2-9]", 11)],
        rewrites: { digits in
            for prefix in ["044", "045", "01"] where digits.hasPrefix(prefix) {
                return [String(digits.dropFirst(prefix.count))]
            }
            return []
        })

    /// ENACOM: area and number have ten digits together; abroad a 9 goes before mobiles, at home a 15 between them.
    static let argentina = NumberingPlan(
        code: "54", trunkPrefix: "0",
        rules: [
            Rule("11[2-9]", 10), Rule("2[2-9]", 10), Rule("3[3-8]", 10),
            Rule("911", 11), Rule("92[2-9]", 11), Rule("93[3-8]", 11),
            Rule("800", 10), Rule("810", 10), Rule("60[04-8]", 10),
        ],
        rewrites: { digits in
            let national = digits.hasPrefix("0") ? digits.dropFirst() : digits[...]
            guard national.count == 12 else { return [] }
            // Areas of three digits are few; all others but 11 have four.
            let length =
                national.hasPrefix("11") ? 2 : argentineThreeDigitAreas.contains(String(national.prefix(3))) ? 3 : 4
            let number = national.dropFirst(length)
            guard number.hasPrefix("15") else { return [] }
            return ["9" + national.prefix(length) + number.dropFirst(2)]
        })

    private static let argentineThreeDigitAreas: Set<String> = [
        "220", "221", "223", "230", "236", "237", "249", "260", "261", "263", "264", "266", "280", "291", "294", "297",
        "298", "299", "336", "341", "342", "343", "345", "348", "351", "353", "358", "362", "364", "370", "376", "379",
        "380", "381", "383", "385", "387", "388",
    ]
}
