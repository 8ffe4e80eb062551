// swift-tools-version: 6.3
import PackageDescription

// The rooms of the house and the arrows between them. A room sees only what is listed here:
// `swift build --explicit-target-dependency-import-check error` and ArchitectureTests hold it to that.

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], plugins: [Target.PluginUsage] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings, plugins: plugins)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "leadwire",
    products: [.executable(name: "leadwire", targets: ["leadwire"])],
    targets: [
        // Level 0
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev", "pkg-config"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libssl", providers: [.apt(["libpq-dev", "pkg-config"])]),
        room("JSON"),
        room("Telemetry", ["JSON"]),
        room("Domain", ["JSON"]),
        // Level 1
        room("EventLoop", ["CLinux", "Telemetry"]),
        room("Crypto", ["COpenSSL"]),
        // Level 2
        room("HTTP", ["EventLoop", "Crypto", "Telemetry"]),
        room("Postgres", ["EventLoop", "CPostgres", "Telemetry"]),
        room("Cluster", ["EventLoop", "Telemetry"]),
        // Level 3
        room("Storage", ["Domain", "Postgres", "JSON", "Telemetry"], plugins: ["EmbedPlugin"]),
        room("Providers", ["Domain", "HTTP", "Crypto", "JSON", "Telemetry"]),
        room("Simulator", ["HTTP", "EventLoop", "Crypto", "JSON", "Telemetry"]),
        // Level 4
        room(
            "API", ["Domain", "Storage", "HTTP", "Crypto", "EventLoop", "JSON", "Telemetry"], plugins: ["EmbedPlugin"]),
        room("Delivery", ["Domain", "Storage", "Providers", "HTTP", "Crypto", "EventLoop", "JSON", "Telemetry"]),
        // Level 5
        .executableTarget(
            name: "leadwire",
            dependencies: [
                "API", "Delivery", "Storage", "Providers", "Simulator", "Postgres", "Cluster", "HTTP", "EventLoop",
                "Crypto", "Domain", "JSON", "Telemetry",
            ],
            swiftSettings: settings),
        // Aside: carries schema/ and openapi/ in the binary as string literals, made anew at each build.
        .executableTarget(name: "embed", swiftSettings: settings),
        // Aside: the HTTP server alone, for conformance suites and load generators.
        .executableTarget(name: "http-echo", dependencies: ["HTTP", "EventLoop"], swiftSettings: settings),
        // Aside: what ARCHITECTURE promises of speed and memory, measured beside those it is compared to.
        .executableTarget(
            name: "leadwire-bench",
            dependencies: [
                "Delivery", "Storage", "Domain", "Postgres", "Cluster", "HTTP", "Crypto", "EventLoop", "JSON",
            ],
            swiftSettings: settings),
        // Aside: clients good and bad, and the watch over a server's process, for .ci/endure.
        .executableTarget(name: "http-load", dependencies: ["EventLoop"], swiftSettings: settings),
        .plugin(name: "EmbedPlugin", capability: .buildTool(), dependencies: ["embed"], path: "Sources/EmbedPlugin"),
        .target(
            name: "TestSupport",
            dependencies: [
                "API", "Delivery", "Storage", "Providers", "Simulator", "Postgres", "Cluster", "HTTP", "EventLoop",
                "Crypto", "Domain", "JSON", "Telemetry",
            ],
            path: "Tests/TestSupport",
            swiftSettings: settings),
        .target(name: "TestCertificates", path: "Tests/TestCertificates", swiftSettings: settings),
        .target(name: "TestRandom", path: "Tests/TestRandom", swiftSettings: settings),
        tests("ArchitectureTests", ["JSON"]),
        tests("JSONTests", ["JSON", "TestRandom"]),
        tests("TelemetryTests", ["Telemetry", "JSON"]),
        tests(
            "BenchTests",
            ["leadwire-bench", "Storage", "Domain", "Postgres", "EventLoop", "JSON", "TestSupport"]),
        tests("EventLoopTests", ["EventLoop", "CLinux"]),
        tests("CryptoTests", ["Crypto", "COpenSSL", "TestCertificates"]),
        tests(
            "HTTPTests",
            [
                "HTTP", "EventLoop", "Crypto", "COpenSSL", "Telemetry", "TestCertificates", "TestRandom", "http-echo",
                "http-load",
            ]),
        tests("PostgresTests", ["Postgres", "Cluster", "EventLoop", "TestSupport", "TestCertificates"]),
        tests("ClusterTests", ["Cluster", "EventLoop", "TestSupport"]),
        tests("DomainTests", ["Domain", "JSON", "TestRandom"]),
        tests("StorageTests", ["Storage", "Domain", "Postgres", "EventLoop", "JSON", "TestSupport"]),
        tests("ProvidersTests", ["Providers", "Domain", "HTTP", "Crypto", "EventLoop", "JSON"]),
        tests("SimulatorTests", ["Simulator", "HTTP", "Crypto", "EventLoop", "JSON"]),
        tests("DeliveryTests", ["Delivery", "Domain", "Storage", "EventLoop", "JSON", "TestSupport"]),
        tests(
            "APITests", ["API", "Domain", "Storage", "HTTP", "Crypto", "EventLoop", "JSON", "TestSupport"]),
        tests(
            "EndToEndTests",
            [
                "leadwire", "API", "Delivery", "Domain", "Storage", "HTTP", "Postgres", "Cluster", "EventLoop",
                "Crypto",
                "JSON", "TestSupport", "TestCertificates", "TestRandom",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// Aside: the fuzzers. They see the rooms' inner names and need the fuzzing engine, so `.ci/fuzz` alone builds them, with
// the rooms that they attack and no tool of the build, which the engine would be linked into too.
if Context.environment["LEADWIRE_FUZZ"] != nil {
    let attacked = ["Providers", "Postgres", "HTTP", "EventLoop", "Crypto", "Domain", "JSON"]
    let beneath = ["CLinux", "CPostgres", "COpenSSL", "Telemetry"]
    package.products = []
    package.targets = package.targets.filter { (attacked + beneath).contains($0.name) }
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: attacked.map { .byName(name: $0) }, swiftSettings: settings))
}
