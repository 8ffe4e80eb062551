/// What a key may do, as it is handed on.
package struct KeyGrant: Sendable, Hashable {
    package var permissions: Set<Permission>
    /// nil: every instance.
    package var instanceIDs: Set<Instance.ID>?
    /// nil: never.
    package var expiresAt: Timestamp?

    package init(permissions: Set<Permission>, instanceIDs: Set<Instance.ID>?, expiresAt: Timestamp?) {
        self.permissions = permissions
        self.instanceIDs = instanceIDs
        self.expiresAt = expiresAt
    }

    /// What a grant holds beyond the key that grants it.
    package enum Excess: Sendable, Hashable {
        case permission(Permission)
        case instance(Instance.ID)
        /// Every instance, where the granting key is bound to some.
        case everyInstance
        /// It outlives the granting key.
        case expiry
    }
}

extension APIKey {
    package static let rates: ClosedRange<Int64> = 1...10_000_000

    package var grant: KeyGrant {
        KeyGrant(permissions: permissions, instanceIDs: instanceIDs, expiresAt: expiresAt)
    }

    /// A key hands on nothing that it does not hold: no permission, no sight of an instance, no longer life.
    ///
    /// - Returns: everything that is too much, in a steady order; nothing when the key may grant it.
    package func excess(of grant: KeyGrant) -> [KeyGrant.Excess] {
        var excess = Permission.allCases.filter { grant.permissions.contains($0) && !permissions.contains($0) }
            .map { KeyGrant.Excess.permission($0) }
        if let own = instanceIDs {
            if let given = grant.instanceIDs {
                excess += given.subtracting(own).sorted().map { .instance($0) }
            } else {
                excess.append(.everyInstance)
            }
        }
        if let own = expiresAt, grant.expiresAt.map({ $0 > own }) ?? true { excess.append(.expiry) }
        return excess
    }
}
