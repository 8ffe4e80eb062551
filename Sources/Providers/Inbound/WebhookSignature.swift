import Crypto

/// Compares a signature given in hex with the one that the key makes.
enum WebhookSignature {
    static func matches(_ hex: Substring, _ expected: [UInt8]) -> Bool {
        guard let given = Hex.decode(String(hex)) else { return false }
        return ConstantTime.equals(given, expected)
    }
}
