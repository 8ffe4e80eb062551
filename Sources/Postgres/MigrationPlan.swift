/// What is left to do to bring a database from what it says was applied to what this program knows.
struct MigrationPlan: Sendable, Hashable {
    struct Known: Sendable, Hashable {
        let name: String
        let checksum: String
    }

    let pending: [String]

    init(known: [Known], applied: [Known]) throws(MigrationError) {
        for (index, one) in applied.enumerated() {
            guard index < known.count else {
                throw MigrationError(
                    .databaseIsNewer,
                    "the database has migration \(one.name), which this version of leadwire does not know: use a newer one"
                )
            }
            let expected = known[index]
            guard expected.name == one.name else {
                throw MigrationError(
                    .outOfOrder,
                    "the database has migration \(one.name) where this version of leadwire has \(expected.name)")
            }
            guard expected.checksum == one.checksum else {
                throw MigrationError(
                    .changed,
                    "migration \(one.name) was applied with another text: files are never changed once applied, add a new one"
                )
            }
        }
        pending = known.dropFirst(applied.count).map(\.name)
    }

    /// Files are applied in the order of their names, so the names must be in order.
    static func check(_ names: [String]) throws(MigrationError) {
        for (one, next) in zip(names, names.dropFirst()) where one >= next {
            throw MigrationError(.outOfOrder, "migration \(next) does not come after \(one) by its name")
        }
    }
}

/// Why a database was not migrated.
package struct MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case databaseIsNewer
        case outOfOrder
        case changed
        case failed
    }

    package let reason: Reason
    package let description: String

    init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
