extension NumberingPlan {
    /// Department of Telecommunications: ten digits; mobiles begin with 6 to 9, as some areas of landlines do.
    static let india = NumberingPlan(
        code: "91", trunkPrefix: "0",
        rules: [
            Rule("[6-9]", 10), Rule("1[1-9][2-7]", 10), Rule("2[0-9][2-7]", 10), Rule("3[1-9][2-7]", 10),
            Rule("[45][0-9][2-7]", 10), Rule("[1-5][2-9][0-9][2-7]", 10), Rule("1800", 10...13), Rule("1860", 11),
        ])
}
