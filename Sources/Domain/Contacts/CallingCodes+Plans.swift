/// The plans whose first digits are known too, written as the rows of the world are. What is given out within an area
/// changes from month to month, so that they stop at areas and kinds of service.
extension CallingCodes {
    static let closelyKnown = [
        northAmerica, brazil, mexico, argentina, portugal, unitedKingdom, germany, india,
    ].map { $0[...] }

    /// NANPA: an area does not begin with 0 or 1, end in 11, nor have a 9 in the middle; 37x and 96x are kept back;
    /// the exchange behind it begins with 2 to 9, but in the Dominican Republic. Canada's 310 numbers have no area.
    private static let northAmerica = """
        1 US,AG@268,AI@264,AS@684,BB@246,BM@441,BS@242,CA,DM@767,DO,GD@473,GU@671,JM,KN@869,KY@345,LC@758,MP@670,\
        MS@664,PR,SX@721,TC@649,TT@868,VC@784,VG@284,VI@340 1 011 310:7 \
        [2-9]0x[2-9]:10 [2-9]1[02-9][2-9]:10 [2-9][2-689]x[2-9]:10 [24-9]7x[2-9]:10 8[024]9:10 8001:10
        """

    /// Anatel: two digits of area, landlines in 2 to 5, mobiles with a ninth digit since 2012 to 2016; without it they
    /// began with 6 to 9, and WhatsApp still names them so. Abroad is dialled with a carrier.
    private static let brazil =
        "55 BR 0 00,001[245],002[1-35],0031,004[13],0055,0065,0099 "
        + brazilianAreas.map { "\($0)[2-9]:10 \($0)9:11" }.joined(separator: " ")
        + " [58]00:9,10 900:9,10 30[03]:10 300:8 40[0-9]:8 4370:8 4864:8"

    /// The 67 of them.
    static let brazilianAreas = ["[14689][1-9]", "2[12478]", "3[1-578]", "5[1345]", "7[134579]"]

    /// IFT: ten digits; until 2019 a 1 stood before mobiles when called from abroad.
    private static let mexico = "52 MX - 00,09 [2-9]:10 1[2-9]:11"

    /// ENACOM: area and number have ten digits together; called from abroad, a 9 goes before mobiles.
    private static let argentina = "54 AR 0 00 11:10 [236]:10 8:10-11 9[1236]:11"

    /// ANACOM: nine digits throughout, no trunk prefix.
    private static let portugal = "351 PT - 00 [26-9]:9 30:9 1693:9"

    /// Ofcom, "National Telephone Numbering Plan": Jersey, Guernsey and Man have their mobiles among Britain's. Old
    /// landlines and freephone numbers have nine digits, a few help lines seven.
    private static let unitedKingdom =
        "44 GB,GG@1481,IM@1624,JE@1534 0 00 1:9-10 [235789]:10 800:9 8001:7 8454:7"

    /// Bundesnetzagentur: landlines of many lengths, and what is dialled through to an extension belongs to the number.
    /// Of the areas that begin as the calling code does, those of Berlin's, Hamburg's, Frankfurt's and Munich's
    /// international form are not given out.
    private static let germany = """
        49 DE 0 00 [25-9]:6-15 1:4-14 3:5-15 4[0-8]:5-15 69:5 89:5 49[015]:6-13 492[13]:6-13 492[024-9]:6-12 \
        4931:6-13 493[2-689]:6-12 494[1-8]:6-13 496[1-8]:6-13 497[1-7]:6-12 \
        49[34]0:6 4937:6-7 4949:6-7 4960:6-7 4969:6 497[089]:6-7
        """

    /// Department of Telecommunications: ten digits for landlines and mobiles alike; services begin with 18, and some
    /// freephone numbers from abroad with 000800.
    private static let india = "91 IN 0 00 [2-9]:10 1:10 180[03]:8-13 186:11,13 0008:13"
}
