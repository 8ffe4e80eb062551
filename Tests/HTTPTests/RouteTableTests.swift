import Testing

@testable import HTTP

@Suite struct RouteTableTests {
    private static let routes: [(HTTPMethod, String, name: String)] = [
        (.get, "/", "root"), (.get, "/leads", "list"), (.post, "/leads", "create"), (.get, "/leads/export", "export"),
        (.get, "/leads/{id}", "read"), (.delete, "/leads/{lead}", "delete"),
        (.get, "/leads/{id}/notes/{note}", "note"), (.get, "/leads/{id}/tags", "tags"),
    ]

    private let table: RouteTable = {
        var table = RouteTable()
        for (number, route) in routes.enumerated() { table.add(route.0, route.1, number: number) }
        return table
    }()

    private func describe(_ match: RouteTable.Match) -> String {
        switch match {
        case .found(let route, let parameters):
            let values = ["id", "lead", "note"].compactMap { name in parameters[name].map { "\(name)=\($0)" } }
            return ([Self.routes[route].name] + values).joined(separator: " ")
        case .methodNotAllowed(let methods): return "405 " + methods.map(\.rawValue).joined(separator: ",")
        case .notFound: return "404"
        case .badPath(let fault): return "400 \(fault.rawValue)"
        }
    }

    @Test(arguments: [
        ("GET", "/", "root"), ("GET", "/leads", "list"), ("POST", "/leads", "create"),
        ("HEAD", "/leads", "list"), ("GET", "/leads/7", "read id=7"), ("DELETE", "/leads/7", "delete lead=7"),
        ("GET", "/leads/export", "export"), ("GET", "/leads/%65xport", "export"),
        ("GET", "/leads/export/tags", "tags id=export"), ("GET", "/leads/7/notes/a", "note id=7 note=a"),
        ("GET", "/leads/a%2Fb%20c", "read id=a/b c"), ("GET", "/leads/a+b", "read id=a+b"),
        ("PUT", "/leads", "405 GET,HEAD,POST"), ("DELETE", "/leads/export", "405 GET,HEAD"),
        ("GET", "/leads/", "404"), ("GET", "/leads//tags", "404"), ("GET", "//leads", "404"), ("GET", "", "404"),
        ("GET", "*", "404"), ("GET", "/Leads", "404"), ("GET", "/leads/7/notes", "404"), ("GET", "/lead", "404"),
        ("GET", "/leads/%", "400 invalid_percent_escape"), ("GET", "/leads/%4", "400 invalid_percent_escape"),
        ("GET", "/leads/%zz", "400 invalid_percent_escape"), ("GET", "/leads/%FF", "400 invalid_utf8"),
        ("GET", "/leads/%C0%AF", "400 invalid_utf8"), ("GET", "/leads/%00", "400 nul_character"),
    ])
    func `a path finds its endpoint`(_ method: String, _ path: String, _ expected: String) throws {
        let method = try #require(HTTPMethod(rawValue: method))
        #expect(describe(table.match(method, path)) == expected)
    }

    @Test func `queries keep their order and their duplicates`() throws {
        let items = try QueryItems(parsing: "b=2&a=1%2B1&&b=x+y&flag&e=&%C3%A9=%F0%9F%98%80&q=a=b")
        #expect(items.map(\.name) == ["b", "a", "b", "flag", "e", "é", "q"])
        #expect(items.map(\.value) == ["2", "1+1", "x y", "", "", "😀", "a=b"])
        #expect(items.all("b") == ["2", "x y"])
        #expect(items["missing"] == nil)
        // An accent behind a sign is not part of it.
        let accented = try QueryItems(parsing: "a=1&\u{301}b=\u{301}2")
        #expect(accented.items == [.init(name: "a", value: "1"), .init(name: "\u{301}b", value: "\u{301}2")])
        #expect(try QueryItems(parsing: nil).isEmpty)
    }

    @Test(
        arguments: [
            ("a=1&b=%G0", "b", PercentDecodingFault.invalidEscape), ("b=%", "b", .invalidEscape),
            ("b=%ED%A0%80", "b", .invalidUTF8), ("b=%00", "b", .nul), ("%ff=1", nil, .invalidUTF8),
        ] as [(String, String?, PercentDecodingFault)])
    func `a query that cannot be decoded says which item and why`(
        _ query: String, _ name: String?, _ reason: PercentDecodingFault
    ) throws {
        let fault = try #require(throws: QueryItems.Fault.self) { try QueryItems(parsing: query) }
        #expect(fault.name == name)
        #expect(fault.reason == reason)
    }

    @Test func `encoding escapes all but the unreserved and decodes to itself`() throws {
        let text = "a-Z_0.~ /?&=+%é😀"
        let encoded = PercentEncoding.encode(text)
        #expect(encoded == "a-Z_0.~%20%2F%3F%26%3D%2B%25%C3%A9%F0%9F%98%80")
        #expect(try PercentEncoding.decode(encoded) == text)
    }
}
