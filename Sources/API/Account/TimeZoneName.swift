import Foundation

/// Names of time zones, as IANA has them.
package enum TimeZoneName {
    /// Whether this machine knows the zone. Abbreviations and offsets, which Foundation takes too, name no place.
    package static func isKnown(_ name: String) -> Bool {
        guard name == "UTC" || name.contains("/"), name.utf8.allSatisfy(isPart) else { return false }
        return TimeZone(identifier: name) != nil
    }

    /// A name is looked up as a path below the zones' folder: nothing in it leads out.
    private static func isPart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "/"):
            true
        default: false
        }
    }
}
