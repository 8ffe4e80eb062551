/// The decimals of a currency's minor unit (ISO 4217, "minor unit").
package enum Currency {
    package static let without: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
        "XOF", "XPF",
    ]
    package static let three: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

    package static func decimals(of code: String) -> Int {
        if without.contains(code) { return 0 }
        return three.contains(code) ? 3 : 2
    }
}
