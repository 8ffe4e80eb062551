/// Routes by method and path pattern: `/leads/{id}/notes`. A literal segment beats a parameter in its place.
///
/// They go by numbers and not by a type of its user's, so that matching is compiled once, for what it is.
package struct RouteTable: Sendable {
    package enum Match: Sendable {
        case found(route: Int, PathParameters)
        /// The path is known under these methods (for `Allow`, RFC 9110 § 10.2.1).
        case methodNotAllowed([HTTPMethod])
        case notFound
        /// A segment cannot be decoded.
        case badPath(PercentDecodingFault)
    }

    private struct Node: Sendable {
        var literals: [(octets: [UInt8], node: Int)] = []
        var parameter: Int?
        var routes: [Route] = []
    }

    private struct Route: Sendable {
        let method: HTTPMethod
        let parameterNames: [String]
        let number: Int
    }

    private var nodes = [Node()]

    package init() {}

    /// Patterns are the program's own text: one that is malformed or given twice stops it.
    package mutating func add(_ method: HTTPMethod, _ pattern: String, number: Int) {
        precondition(pattern.hasPrefix("/"), "a route's pattern begins with a slash: \(pattern)")
        var node = 0
        var names: [String] = []
        for segment in pattern == "/" ? [] : pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        {
            if segment.hasPrefix("{"), segment.hasSuffix("}") {
                let name = String(segment.dropFirst().dropLast())
                precondition(!name.isEmpty && !names.contains(name), "parameters have names of their own: \(pattern)")
                names.append(name)
                node = parameterChild(of: node)
            } else {
                node = literalChild(of: node, Array(segment.utf8))
            }
        }
        precondition(!nodes[node].routes.contains { $0.method == method }, "route given twice: \(method) \(pattern)")
        nodes[node].routes.append(Route(method: method, parameterNames: names, number: number))
    }

    /// - Parameter path: percent-encoded, without the query.
    package func match(_ method: HTTPMethod, _ path: String) -> Match {
        var path = path
        return path.withUTF8 { octets in
            guard octets.first == UInt8(ascii: "/") else { return .notFound }
            if octets.contains(UInt8(ascii: "%")) {
                do throws(PercentDecodingFault) {
                    _ = try PercentEncoding.decode(text(octets, 0..<octets.count))
                } catch {
                    return .badPath(error)
                }
            }
            return match(method, octets)
        }
    }
}

extension RouteTable {
    /// - Parameter path: with sound escapes alone.
    private func match(_ method: HTTPMethod, _ path: UnsafeBufferPointer<UInt8>) -> Match {
        var values: [Range<Int>] = []
        let found = path.count == 1 ? 0 : find(path, from: 1, at: 0, &values)
        guard let found, !nodes[found].routes.isEmpty else { return .notFound }
        guard let route = route(of: found, method) else { return .methodNotAllowed(allowedMethods(of: found)) }
        guard !values.isEmpty else { return .found(route: route.number, .none) }
        var parameters = PathParameters.none
        for (name, range) in zip(route.parameterNames, values) {
            do throws(PercentDecodingFault) {
                parameters.append(name, try PercentEncoding.decode(text(path, range)))
            } catch {
                return .badPath(error)
            }
        }
        return .found(route: route.number, parameters)
    }

    /// The node of the segments from `start` on, which stands behind a slash.
    private func find(
        _ path: UnsafeBufferPointer<UInt8>, from start: Int, at node: Int, _ values: inout [Range<Int>]
    ) -> Int? {
        guard start <= path.count else { return nodes[node].routes.isEmpty ? nil : node }
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        for literal in nodes[node].literals where isLiteral(path, start..<end, literal.octets) {
            if let found = find(path, from: end + 1, at: literal.node, &values) { return found }
        }
        guard let parameter = nodes[node].parameter, end > start else { return nil }
        values.append(start..<end)
        if let found = find(path, from: end + 1, at: parameter, &values) { return found }
        values.removeLast()
        return nil
    }

    /// A literal written with escapes is the same literal (RFC 3986 § 6.2.2.2).
    private func isLiteral(_ path: UnsafeBufferPointer<UInt8>, _ segment: Range<Int>, _ literal: [UInt8]) -> Bool {
        var index = segment.lowerBound
        for octet in literal {
            guard index < segment.upperBound else { return false }
            if path[index] == UInt8(ascii: "%"), let high = path[index + 1].hexValue, let low = path[index + 2].hexValue
            {
                guard high << 4 | low == octet else { return false }
                index += 3
            } else {
                guard path[index] == octet else { return false }
                index += 1
            }
        }
        return index == segment.upperBound
    }

    /// RFC 9110 § 9.3.2: what answers GET answers HEAD.
    private func route(of node: Int, _ method: HTTPMethod) -> Route? {
        let routes = nodes[node].routes
        return routes.first { $0.method == method }
            ?? (method == .head ? routes.first { $0.method == .get } : nil)
    }

    private func allowedMethods(of node: Int) -> [HTTPMethod] {
        var methods = nodes[node].routes.map(\.method)
        if let get = methods.firstIndex(of: .get), !methods.contains(.head) {
            methods.insert(.head, at: get + 1)
        }
        return methods
    }

    private mutating func literalChild(of node: Int, _ octets: [UInt8]) -> Int {
        if let known = nodes[node].literals.first(where: { $0.octets == octets }) { return known.node }
        nodes.append(Node())
        nodes[node].literals.append((octets, nodes.count - 1))
        return nodes.count - 1
    }

    private mutating func parameterChild(of node: Int) -> Int {
        if let known = nodes[node].parameter { return known }
        nodes.append(Node())
        nodes[node].parameter = nodes.count - 1
        return nodes.count - 1
    }
}
