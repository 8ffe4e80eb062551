package import Crypto
import Domain
import JSON
package import Storage

/// How a channel's secrets are kept: sealed, and bound to the row they belong to, so that a swapped one does not open.
package struct ChannelSecrets: Sendable {
    private let keys: KeyRing

    package init(keys: KeyRing) { self.keys = keys }

    /// Hashes by which an erased person is recognised and by nobody else, for each key that was ever current.
    package var erasureHashes: ErasureStore.Hashes {
        { [keys] account, identifier in
            keys.keyedHashes(identifier.erasureName(in: account), purpose: "leadwire erased identifiers v1")
        }
    }

    /// Signatures that none but this ring makes, for each key that was ever current, the current one's first.
    package func linkHashes(_ words: [UInt8]) -> [[UInt8]] {
        keys.keyedHashes(words, purpose: "leadwire media link v1")
    }

    package func sealInstance(token: String, account: Int64, providerKey: String) throws -> String {
        try seal(["token": token], Self.instanceRow(account, providerKey))
    }

    package func openInstance(_ sealed: String, account: Int64, providerKey: String) throws -> String {
        try open(sealed, Self.instanceRow(account, providerKey))["token"]?.string ?? ""
    }

    /// What proves the bodies that come to a hook.
    package struct HookProof: Sendable {
        /// Meta's app secret, or WAHA's HMAC key.
        package let key: String
        /// Meta's subscription check; empty for WAHA.
        package let verifyToken: String

        package init(key: String, verifyToken: String) {
            self.key = key
            self.verifyToken = verifyToken
        }
    }

    package func sealHook(_ proof: HookProof, tokenHash: [UInt8]) throws -> String {
        try seal(["key": proof.key, "verify_token": proof.verifyToken], Self.hookRow(tokenHash))
    }

    package func openHook(_ sealed: String, tokenHash: [UInt8]) throws -> HookProof {
        let value = try open(sealed, Self.hookRow(tokenHash))
        return HookProof(key: value["key"]?.string ?? "", verifyToken: value["verify_token"]?.string ?? "")
    }

    private func seal(_ members: KeyValuePairs<String, String>, _ row: [UInt8]) throws -> String {
        let value = JSONValue.object(JSONObject(members.map { ($0.key, .string($0.value)) }))
        return try keys.seal(value.serialized(), associatedData: row)
    }

    private func open(_ sealed: String, _ row: [UInt8]) throws -> JSONValue {
        try JSONParser.parse(try keys.open(sealed, associatedData: row))
    }

    private static func instanceRow(_ account: Int64, _ providerKey: String) -> [UInt8] {
        Array("instances.secrets.\(account).\(providerKey)".utf8)
    }

    private static func hookRow(_ tokenHash: [UInt8]) -> [UInt8] {
        Array("hooks.secrets.\(Hex.encode(tokenHash))".utf8)
    }
}
