import Testing

/// The house of ARCHITECTURE.md: which room sees which, held against every `import`.
@Suite struct RoomTests {
    /// The arrows as the document draws them. Beside these any room may use `JSON`, and any but `Domain` `Telemetry`.
    static let arrows: [String: Set<String>] = [
        "JSON": [],
        "Telemetry": [],
        "Domain": [],
        "EventLoop": ["CLinux"],
        "Crypto": ["COpenSSL"],
        "HTTP": ["EventLoop", "Crypto"],
        "Postgres": ["EventLoop", "CPostgres"],
        "Cluster": ["EventLoop"],
        "Storage": ["Domain", "Postgres"],
        "Providers": ["Domain", "HTTP", "Crypto"],
        // Level 3, and on the loop like every server.
        "Simulator": ["HTTP", "Crypto", "EventLoop"],
        "API": ["Domain", "Storage", "HTTP", "Crypto", "EventLoop"],
        "Delivery": ["Domain", "Storage", "Providers", "HTTP", "Crypto", "EventLoop"],
        "leadwire": [
            "API", "Delivery", "Storage", "Providers", "Simulator", "Postgres", "Cluster", "HTTP", "EventLoop",
            "Crypto", "Domain",
        ],
        // Aside: the HTTP server alone, for other projects' conformance suites.
        "http-echo": ["HTTP", "EventLoop"],
        // Aside: the speed table.
        "leadwire-bench": [
            "Delivery", "Storage", "Domain", "Postgres", "Cluster", "HTTP", "Crypto", "EventLoop", "JSON",
        ],
        // Aside: clients good and bad for it.
        "http-load": ["EventLoop"],
        // Aside: the fuzzers, which attack whatever reads strangers' input.
        "fuzz": ["Domain", "Crypto", "EventLoop", "HTTP", "Postgres", "Providers"],
        // Aside: tools of the build.
        "embed": [],
        "EmbedPlugin": [],
    ]

    /// What the toolchain brings.
    static let toolchain: Set<String> = ["Foundation", "Glibc", "Synchronization"]

    static func allowed(_ room: String) -> Set<String> {
        var names = (arrows[room] ?? []).union(toolchain)
        if room == "Domain" { names.remove("Foundation") }
        if !["JSON", "embed", "EmbedPlugin"].contains(room) { names.insert("JSON") }
        if !["JSON", "Telemetry", "Domain", "embed", "EmbedPlugin"].contains(room) { names.insert("Telemetry") }
        if room == "EmbedPlugin" { names.insert("PackagePlugin") }
        return names
    }

    /// The modules that a file imports, whatever stands before or after the name.
    static func imports(_ text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let at = words.firstIndex(of: "import"), words[..<at].allSatisfy(isModifier),
                words.count > at + 1
            else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "let", "var", "typealias"]
            let name = kinds.contains(words[at + 1]) ? words.dropFirst(at + 2).first : words[at + 1]
            return name.map { String($0.prefix { $0 != "." && $0 != ";" }) }
        }
    }

    private static func isModifier(_ word: Substring) -> Bool {
        word.hasPrefix("@") || ["package", "public", "internal", "fileprivate", "private"].contains(word)
    }

    @Test func `every import is one of the arrows`() {
        #expect(SourceTree.swift.count > 200)
        for file in SourceTree.swift {
            for module in Self.imports(file.text) {
                #expect(Self.allowed(file.room).contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `every room is in the table, and every room of the table is there`() {
        #expect(Set(SourceTree.swift.map(\.room)) == Set(Self.arrows.keys))
    }

    @Test(arguments: [("CLinux", "EventLoop"), ("CPostgres", "Postgres"), ("COpenSSL", "Crypto")])
    func `a C module is seen by one room alone`(_ module: String, _ room: String) {
        let rooms = Set(SourceTree.swift.filter { Self.imports($0.text).contains(module) }.map(\.room))
        #expect(rooms == [room])
    }

    @Test func `an arrow goes down, never round`() {
        var settled: Set<String> = ["CLinux", "CPostgres", "COpenSSL"]
        var left = Self.arrows
        while let room = left.first(where: { $0.value.isSubset(of: settled) }) {
            settled.insert(room.key)
            left[room.key] = nil
        }
        #expect(left.isEmpty)
    }

    @Test(arguments: [
        ("import JSON", ["JSON"]), ("package import Domain", ["Domain"]), ("@testable import API", ["API"]),
        ("internal import struct Foundation.Date", ["Foundation"]), ("// import Storage", []),
        ("let text = \"import Storage\"", []),
    ])
    func `an import is recognised as it is written`(_ line: String, _ modules: [String]) {
        #expect(Self.imports(line) == modules)
    }
}
