import HTTP

/// A request's path and query, percent-decoded.
struct RequestTarget: Sendable {
    let segments: [String]
    private let items: [(name: String, value: String)]

    init(_ request: HTTPRequest) {
        segments = request.path.split(separator: "/").map(Self.decoded)
        items = (request.query ?? "").split(separator: "&").map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1] : ""
            return (Self.decoded(parts[0]), Self.decoded(Substring(value.map { $0 == "+" ? " " : $0 })))
        }
    }

    subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }

    private static func decoded(_ text: Substring) -> String {
        guard text.contains("%") else { return String(text) }
        let octets = Array(text.utf8)
        var decoded: [UInt8] = []
        var index = 0
        while index < octets.count {
            if octets[index] == UInt8(ascii: "%"), index + 2 < octets.count,
                let octet = UInt8(String(decoding: octets[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                decoded.append(octet)
                index += 3
            } else {
                decoded.append(octets[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
