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

    package func allows(_ permission: Permission) -> Bool { permissions.contains(permission) }

    /// A key hands on nothing that it does not hold: neither a permission, nor the sight of an instance.
    package func mayGrant(_ permissions: Set<Permission>, instanceIDs: Set<Instance.ID>?) -> Bool {
        guard allows(.keysManage), permissions.isSubset(of: self.permissions) else { return false }
        guard let own = self.instanceIDs else { return true }
        return instanceIDs?.isSubset(of: own) ?? false
    }
}
