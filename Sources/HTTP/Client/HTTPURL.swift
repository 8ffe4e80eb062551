import EventLoop

/// An absolute `http` or `https` URL, split into what a connection and a request line need.
///
/// Refused: user information (RFC 9110 § 4.2.4), fragments, control characters, spaces and everything else that a
/// request line cannot carry, so that no text from outside can write a line of its own.
package struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    package enum Scheme: String, Sendable, CaseIterable {
        case http
        case https

        package var defaultPort: UInt16 { self == .http ? 80 : 443 }
    }

    /// What connections are pooled by.
    package struct Origin: Sendable, Hashable, CustomStringConvertible {
        package let scheme: Scheme
        /// A name in lower case or a numeric address; IPv6 without brackets.
        package let host: String
        package let port: UInt16

        /// The `Host` field (RFC 9110 § 7.2): the port only where it is not the scheme's own.
        package var authority: String {
            let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
            return port == scheme.defaultPort ? name : "\(name):\(port)"
        }

        package var description: String { "\(scheme.rawValue)://\(authority)" }
    }

    package let origin: Origin
    /// Path and query as sent in the request line; begins with `/`.
    package let target: String

    package var scheme: Scheme { origin.scheme }
    package var host: String { origin.host }
    package var port: UInt16 { origin.port }

    package init?(_ text: String) {
        guard let separator = text.firstRange(ofOctets: "://") else { return nil }
        guard let scheme = Scheme(rawValue: text[..<separator.lowerBound].lowercased()) else { return nil }
        let rest = text[separator.upperBound...]
        let authorityEnd = rest.utf8.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? rest.endIndex
        guard let (host, port) = Self.authority(rest[..<authorityEnd]) else { return nil }
        guard let target = Self.target(rest[authorityEnd...]) else { return nil }
        origin = Origin(scheme: scheme, host: host, port: port ?? scheme.defaultPort)
        self.target = target
    }

    /// Without path and query, which may hold tokens and phone numbers.
    package var description: String { origin.description }

    private static func authority(_ text: Substring) -> (host: String, port: UInt16?)? {
        if text.utf8.first == UInt8(ascii: "[") {
            guard let end = text.utf8.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            let host = text[text.utf8.index(after: text.startIndex)..<end]
            guard host.utf8.contains(UInt8(ascii: ":")), SocketAddress(ip: String(host), port: 0) != nil else {
                return nil
            }
            return port(text[text.utf8.index(after: end)...]).map { (host.lowercased(), $0) }
        }
        let end = text.utf8.firstIndex(of: UInt8(ascii: ":")) ?? text.endIndex
        let host = text[..<end]
        guard isHost(host) else { return nil }
        return port(text[end...]).map { (host.lowercased(), $0) }
    }

    /// A name of labels (RFC 1123 § 2.1), the root's dot at its end or not, or an IPv4 address in four decimal parts.
    /// A name that ends in a number is an address to some readers (`127.1`, `0x7f000001`) and is none here.
    private static func isHost(_ text: Substring) -> Bool {
        guard text.utf8.count <= 254, text.utf8.allSatisfy(isNameOctet) else { return false }
        var labels = text.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard let last = labels.last, labels.allSatisfy({ (1...63).contains($0.utf8.count) }) else { return false }
        let isNumber = last.utf8.allSatisfy(\.isDigit) || last.lowercased().hasPrefix("0x")
        return !isNumber || SocketAddress(ip: String(text), port: 0) != nil
    }

    /// `:8080`, or nothing; a lone colon is refused, and so is port 0.
    private static func port(_ text: Substring) -> UInt16?? {
        guard !text.isEmpty else { return .some(nil) }
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: ":"), !digits.isEmpty, digits.allSatisfy(\.isDigit) else { return nil }
        guard let port = UInt16(Substring(digits)), port > 0 else { return nil }
        return .some(port)
    }

    private static func isNameOctet(_ octet: UInt8) -> Bool {
        switch octet.asciiLowercased {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: octet.isDigit
        }
    }

    private static func target(_ text: Substring) -> String? {
        let octets = Array(text.utf8)
        for (index, octet) in octets.enumerated() {
            guard octet.isTargetOctet else { return nil }
            guard octet == UInt8(ascii: "%") else { continue }
            guard index + 2 < octets.count, octets[index + 1].hexValue != nil, octets[index + 2].hexValue != nil else {
                return nil
            }
        }
        return octets.first == UInt8(ascii: "/") ? String(text) : "/" + text
    }
}

extension HTTPURL {
    /// One path segment or query value with everything but RFC 3986's unreserved characters escaped.
    package static func escape(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var octets: [UInt8] = []
        for octet in text.utf8 {
            if isNameOctet(octet) || octet == UInt8(ascii: "~") {
                octets.append(octet)
            } else {
                octets += [UInt8(ascii: "%"), hex[Int(octet >> 4)], hex[Int(octet & 15)]]
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}

extension String {
    fileprivate func firstRange(ofOctets pattern: StaticString) -> Range<String.Index>? {
        pattern.withUTF8Buffer { pattern in
            var index = utf8.startIndex
            while let end = utf8.index(index, offsetBy: pattern.count, limitedBy: utf8.endIndex) {
                if utf8[index..<end].elementsEqual(pattern) { return index..<end }
                index = utf8.index(after: index)
            }
            return nil
        }
    }
}
