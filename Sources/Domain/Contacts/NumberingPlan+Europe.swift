extension NumberingPlan {
    /// ANACOM: nine digits throughout, no trunk prefix.
    static let portugal = NumberingPlan(
        code: "351", trunkPrefix: "",
        rules: [
            Rule("2[12]", 9), Rule("2[3-9][1-9]", 9), Rule("9[1236]", 9), Rule("92", 9), Rule("30", 9),
            Rule("80[028]", 9), Rule("70[78]", 9), Rule("76", 9), Rule("884", 9),
        ])

    /// Ofcom, "National Telephone Numbering Plan"; Jersey, Guernsey and Man have their mobiles among them.
    static let unitedKingdom = NumberingPlan(
        code: "44", trunkPrefix: "0",
        rules: [
            Rule("1[1-9]", 9...10), Rule("20[01378]", 10), Rule("23[08]", 10), Rule("24[017]", 10), Rule("28", 10),
            Rule("29[0-28]", 10), Rule("3[0347]", 10), Rule("5[56]", 10), Rule("7[0-57-9]", 10), Rule("76", 10),
            Rule("80[08]", 10), Rule("800", 9), Rule("84[2-5]", 10), Rule("87[0-3]", 10), Rule("9[018]", 10),
        ])

    /// Bundesnetzagentur: landlines of many lengths; mobiles in 15, 16 and 17.
    static let germany = NumberingPlan(
        code: "49", trunkPrefix: "0",
        rules: [
            Rule("15[0-25-9]", 11), Rule("16[023]", 10...11), Rule("17", 10...11), Rule("[2-9]", 6...11),
            Rule("180", 7...11), Rule("32", 11), Rule("800", 10...15), Rule("700", 11),
        ])
}
