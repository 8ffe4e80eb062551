/// A key's record; the token itself is never kept.
package struct APIKey: Sendable, Hashable {
    package typealias ID = Identifier<APIKey>

    package var id: ID
    package var accountID: Account.ID
    package var name: String
    /// The first characters of the token, for people to tell keys apart.
    package var prefix: String
    package var permissions: Set<Permission>
    /// The instances the key may see; nil is all of them.
    package var instanceIDs: Set<Instance.ID>?
    package var ratePerMinute: Int
    package var expiresAt: Timestamp?
    package var revokedAt: Timestamp?
    package var createdAt: Timestamp

    package init(
        id: ID, accountID: Account.ID, name: String, prefix: String, permissions: Set<Permission>,
        instanceIDs: Set<Instance.ID>?, ratePerMinute: Int, expiresAt: Timestamp?, revokedAt: Timestamp?,
        createdAt: Timestamp
    ) {
        self.id = id
        self.accountID = accountID
        self.name = name
        self.prefix = prefix
        self.permissions = permissions
        self.instanceIDs = instanceIDs
        self.ratePerMinute = ratePerMinute
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.createdAt = createdAt
    }

    package func isValid(at now: Timestamp) -> Bool {
        if let revokedAt, revokedAt <= now { return false }
        if let expiresAt, expiresAt <= now { return false }
        return true
    }

    package func sees(_ instance: Instance.ID) -> Bool { instanceIDs?.contains(instance) ?? true }

    /// A received file is the number's that it came by.
    package func sees(_ medium: Medium) -> Bool { medium.instanceID.map { sees($0) } ?? true }
}
