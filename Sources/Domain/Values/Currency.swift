/// The decimals of a currency's minor unit (ISO 4217, "minor unit").
package enum Currency {
    package static let without: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
        "XOF", "XPF",
    ]
    package static let three: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

    package static func decimals(of code: String) -> Int {
        var code = code
        return code.withUTF8 { decimals(of: $0) }
    }

    /// The same for a code as it came from the database.
    package static func decimals(of code: UnsafeBufferPointer<UInt8>) -> Int {
        guard code.count == 3 else { return 2 }
        let packed = packed(code)
        if packedWithout.contains(packed) { return 0 }
        return packedThree.contains(packed) ? 3 : 2
    }

    // A page asks for each of its rows. Of so few numbers a look through all is faster than the hash of a text.
    private static let packedWithout = without.map { packed($0.utf8) }
    private static let packedThree = three.map { packed($0.utf8) }

    private static func packed(_ code: some Sequence<UInt8>) -> UInt32 { code.reduce(0) { $0 << 8 | UInt32($1) } }
}
