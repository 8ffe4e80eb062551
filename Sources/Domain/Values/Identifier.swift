/// The id of one kind of thing, so that a lead's cannot be passed for a contact's.
package struct Identifier<Entity>: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }
    package init(_ rawValue: Int64) { self.rawValue = rawValue }

    /// Ids stay below 2⁵³, so that every JSON reader keeps them exact.
    package static var maximum: Int64 { 1 << 53 - 1 }

    package var description: String { String(rawValue) }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
