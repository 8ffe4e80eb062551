/// Endpoints by method and path pattern: `/leads/{id}/notes`. A literal segment beats a parameter in its place.
package struct Router<Endpoint: Sendable>: Sendable {
    package enum Match: Sendable {
        case found(Endpoint, PathParameters)
        /// The path is known under these methods (for `Allow`, RFC 9110 § 10.2.1).
        case methodNotAllowed([HTTPMethod])
        case notFound
        /// A segment cannot be decoded.
        case badPath(PercentDecodingFault)
    }

    private var table = RouteTable()
    private var endpoints: [Endpoint] = []

    package init() {}

    /// Patterns are the program's own text: one that is malformed or given twice stops it.
    package mutating func add(_ method: HTTPMethod, _ pattern: String, _ endpoint: Endpoint) {
        table.add(method, pattern, number: endpoints.count)
        endpoints.append(endpoint)
    }

    /// - Parameter path: percent-encoded, without the query.
    package func match(method: HTTPMethod, path: String) -> Match {
        switch table.match(method, path) {
        case .found(let route, let parameters): .found(endpoints[route], parameters)
        case .methodNotAllowed(let methods): .methodNotAllowed(methods)
        case .notFound: .notFound
        case .badPath(let fault): .badPath(fault)
        }
    }
}
