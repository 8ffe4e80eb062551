/// Somebody of the account's whom leads, tasks and conversations are assigned to. Users do not sign in: keys do.
package struct User: Sendable, Hashable {
    package typealias ID = Identifier<User>

    package enum Role: String, Sendable, CaseIterable { case admin, manager, viewer }

    package var id: ID
    package var name: String
    /// Unique in the account, whatever its case.
    package var email: String
    package var role: Role

    package init(id: ID, name: String, email: String, role: Role) {
        self.id = id
        self.name = name
        self.email = email
        self.role = role
    }
}
