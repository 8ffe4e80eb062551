/// Every country's calling code, the lengths of its geographic and mobile numbers, and its trunk prefix.
///
/// ITU-T, "List of Recommendation ITU-T E.164 assigned country codes" and the national plans that it collects.
enum CallingCodes {
    struct Country: Hashable {
        /// ISO 3166-1 alpha-2.
        var country: String
        var code: String
        var lengths: ClosedRange<Int>
        var trunkPrefix: String
    }

    static let all: [Country] = table.split(whereSeparator: \.isWhitespace).compactMap(parse)

    /// Codes of no country: satellites and networks.
    static let global = ["870", "878", "881", "882", "883"]

    /// `BR55:10-11/0`: country, code, lengths, trunk prefix.
    private static func parse(_ entry: Substring) -> Country? {
        let parts = entry.dropFirst(2).split(whereSeparator: { ":-/".contains($0) })
        guard parts.count >= 3, let shortest = Int(parts[1]), let longest = Int(parts[2]), shortest <= longest
        else { return nil }
        return Country(
            country: String(entry.prefix(2)), code: String(parts[0]), lengths: shortest...longest,
            trunkPrefix: parts.count > 3 ? String(parts[3]) : "")
    }

    private static let table = """
        AC247:5-5 AD376:6-9 AE971:8-9/0 AF93:9-9/0 AG1:10-10/1 AI1:10-10/1 AL355:8-9/0 AM374:8-8/0 AO244:9-9
        AR54:10-11/0 AS1:10-10/1 AT43:4-13/0 AU61:9-9/0 AW297:7-7 AX358:6-10/0 AZ994:9-9/0 BA387:8-9/0 BB1:10-10/1
        BD880:6-10/0 BE32:8-9/0 BF226:8-8 BG359:6-9/0 BH973:8-8 BI257:8-8 BJ229:10-10 BL590:9-9/0 BM1:10-10/1 BN673:7-7
        BO591:8-8/0 BQ599:7-7 BR55:10-11/0 BS1:10-10/1 BT975:7-8 BW267:7-8 BY375:9-9/8 BZ501:7-7 CA1:10-10/1 CC61:9-9/0
        CD243:7-10/0 CF236:8-8 CG242:9-9 CH41:9-9/0 CI225:10-10 CK682:5-5 CL56:9-9 CM237:9-9 CN86:7-11/0 CO57:8-10/0
        CR506:8-8 CU53:6-10/0 CV238:7-7 CW599:7-8 CX61:9-9/0 CY357:8-8 CZ420:9-9 DE49:5-15/0 DJ253:8-8 DK45:8-8
        DM1:10-10/1 DO1:10-10/1 DZ213:8-9/0 EC593:8-9/0 EE372:7-8 EG20:8-10/0 EH212:9-9/0 ER291:7-7/0 ES34:9-9
        ET251:9-9/0 FI358:5-10/0 FJ679:7-7 FK500:5-5 FM691:7-7 FO298:6-6 FR33:9-9/0 GA241:7-8 GB44:9-10/0 GD1:10-10/1
        GE995:9-9/0 GF594:9-9/0 GG44:10-10/0 GH233:9-9/0 GI350:8-8 GL299:6-6 GM220:7-9 GN224:8-9 GP590:9-9/0 GQ240:9-9
        GR30:10-10 GT502:8-8 GU1:10-10/1 GW245:9-9 GY592:7-7 HK852:8-8 HN504:8-8 HR385:8-9/0 HT509:8-8 HU36:8-9/06
        ID62:7-12/0 IE353:7-10/0 IL972:8-12/0 IM44:10-10/0 IN91:10-10/0 IO246:7-7 IQ964:8-10/0 IR98:6-10/0 IS354:7-9
        IT39:6-12 JE44:10-10/0 JM1:10-10/1 JO962:8-9/0 JP81:9-10/0 KE254:7-9/0 KG996:9-9/0 KH855:8-9/0 KI686:5-8/0
        KM269:7-7 KN1:10-10/1 KP850:8-10/0 KR82:5-10/0 KW965:8-8 KY1:10-10/1 KZ7:10-10/8 LA856:8-10/0 LB961:7-8/0
        LC1:10-10/1 LI423:7-9/0 LK94:9-9/0 LR231:7-9/0 LS266:8-8 LT370:8-8/0 LU352:4-11 LV371:8-8 LY218:9-9/0
        MA212:9-9/0 MC377:8-9/0 MD373:8-8/0 ME382:8-8/0 MF590:9-9/0 MG261:9-9/0 MH692:7-7/1 MK389:8-8/0 ML223:8-8
        MM95:6-10/0 MN976:8-10/0 MO853:8-8 MP1:10-10/1 MQ596:9-9/0 MR222:8-8 MS1:10-10/1 MT356:8-8 MU230:7-8 MV960:7-7
        MW265:7-9/0 MX52:10-10 MY60:8-10/0 MZ258:8-9 NA264:8-9/0 NC687:6-6 NE227:8-8 NF672:6-6 NG234:10-10/0 NI505:8-8
        NL31:9-11/0 NO47:8-8 NP977:8-10/0 NR674:7-7 NU683:4-7 NZ64:8-10/0 OM968:8-8 PA507:7-8 PE51:8-9/0 PF689:8-8
        PG675:7-8 PH63:6-10/0 PK92:9-10/0 PL48:7-9 PM508:6-9/0 PR1:10-10/1 PS970:8-9/0 PT351:9-9 PW680:7-7 PY595:7-9/0
        QA974:8-8 RE262:9-9/0 RO40:6-9/0 RS381:7-12/0 RU7:10-10/8 RW250:8-9/0 SA966:9-9/0 SB677:5-7 SC248:7-7
        SD249:9-9/0 SE46:7-9/0 SG65:8-8 SH290:4-5 SI386:8-8/0 SJ47:8-8 SK421:6-9/0 SL232:8-8/0 SM378:8-10 SN221:9-9
        SO252:6-9/0 SR597:6-7 SS211:9-9/0 ST239:7-7 SV503:8-8 SX1:10-10/1 SY963:8-9/0 SZ268:8-8 TA290:4-4 TC1:10-10/1
        TD235:8-8 TG228:8-8 TH66:8-9/0 TJ992:9-9 TK690:4-7 TL670:7-8 TM993:8-8/8 TN216:8-8 TO676:5-7 TR90:10-10/0
        TT1:10-10/1 TV688:5-7 TW886:8-9/0 TZ255:9-9/0 UA380:9-9/0 UG256:9-9/0 US1:10-10/1 UY598:8-8/0 UZ998:9-9
        VA39:6-11 VC1:10-10/1 VE58:10-10/0 VG1:10-10/1 VI1:10-10/1 VN84:9-10/0 VU678:5-7 WF681:6-6 WS685:5-10
        XK383:8-12/0 YE967:7-9/0 YT262:9-9/0 ZA27:5-9/0 ZM260:9-9/0 ZW263:9-9/0
        """
}
