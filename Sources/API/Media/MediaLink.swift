import Crypto
import Domain

/// A link to a file that opens without a key, for a while.
struct MediaLink {
    /// It is good for one of these to two: the same for everybody who asks within one.
    private static let step = Int64(60 * 60)

    private let account: Account.ID
    private let medium: Medium.ID
    /// Seconds since 1970.
    private let expires: Int64

    init(_ medium: Medium.ID, of account: Account.ID, now: Timestamp) {
        self.account = account
        self.medium = medium
        expires = (now.microseconds / 1_000_000 / Self.step + 2) * Self.step
    }

    /// Nil unless the signature is one of ours, and its time is not over.
    init?(
        _ medium: Medium.ID, account: Int64, expires: Int64, signature: String, now: Timestamp,
        _ hashes: ([UInt8]) -> [[UInt8]]
    ) {
        self.account = Account.ID(account)
        self.medium = medium
        self.expires = expires
        guard let given = Hex.decode(signature), expires > now.microseconds / 1_000_000 else { return nil }
        guard hashes(words).contains(where: { ConstantTime.equals($0, given) }) else { return nil }
    }

    private var words: [UInt8] { Array("\(account).\(medium).\(expires)".utf8) }

    /// Nil without a key to sign with.
    func path(_ hashes: ([UInt8]) -> [[UInt8]]) -> String? {
        hashes(words).first.map {
            "/api/v1/media/\(medium)/content?account=\(account)&expires=\(expires)&signature=\(Hex.encode($0))"
        }
    }
}
