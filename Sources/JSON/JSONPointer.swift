/// Reference tokens as RFC 6901 writes them.
package enum JSONPointer {
    /// "~" becomes "~0" and "/" becomes "~1" (RFC 6901 §3).
    package static func escape(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return token }
        var escaped = ""
        for scalar in token.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// The pointer to a member or element below `parent`.
    package static func appending(_ token: String, to parent: String) -> String {
        parent + "/" + escape(token)
    }

    package static func appending(_ index: Int, to parent: String) -> String {
        parent + "/" + String(index)
    }
}
