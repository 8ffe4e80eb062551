package import Foundation

/// A certificate authority in a folder of its own, run by the `openssl` command and gone with its last holder.
package final class TestAuthority: Sendable {
    package struct Certificate: Sendable {
        /// PEM, with the authority's own certificate behind it.
        package let chain: String
        package let key: String
    }

    package enum Validity: Sendable {
        case now, past, future

        fileprivate var range: (start: String, end: String) {
            switch self {
            case .now: ("20200101000000Z", "20991231000000Z")
            case .past: ("20200101000000Z", "20200201000000Z")
            case .future: ("20980101000000Z", "20991231000000Z")
            }
        }
    }

    package let folder: URL

    package init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("leadwire-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data().write(to: folder.appendingPathComponent("index.txt"))
        try Data("01\n".utf8).write(to: folder.appendingPathComponent("serial"))
        try Data(Self.settings.utf8).write(to: folder.appendingPathComponent("ca.cnf"))
        try run(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.key"])
        try run([
            "req", "-x509", "-new", "-key", "ca.key", "-out", "ca.pem", "-days", "3650", "-config", "ca.cnf",
            "-subj", "/CN=Leadwire test authority", "-extensions", "authority",
        ])
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// For clients to trust.
    package var file: String { path("ca.pem") }

    package func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// - Parameter names: as in a certificate: `DNS:localhost`, `IP:127.0.0.1`.
    package func issue(
        _ names: [String], commonName: String = "test", validity: Validity = .now
    ) throws -> Certificate {
        let alternatives = names.isEmpty ? "" : "subjectAltName=\(names.joined(separator: ","))\n"
        return try sign("basicConstraints=CA:FALSE\n\(alternatives)", commonName: commonName, validity: validity)
    }

    private func sign(_ extensions: String, commonName: String, validity: Validity) throws -> Certificate {
        let name = UUID().uuidString
        try run(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "\(name).key"])
        try run([
            "req", "-new", "-key", "\(name).key", "-out", "\(name).csr", "-subj", "/CN=\(commonName)", "-config",
            "ca.cnf",
        ])
        try Data(extensions.utf8).write(to: folder.appendingPathComponent("\(name).ext"))
        let (start, end) = validity.range
        try run([
            "ca", "-batch", "-notext", "-config", "ca.cnf", "-in", "\(name).csr", "-out", "\(name).pem", "-startdate",
            start, "-enddate", end, "-extfile", "\(name).ext",
        ])
        let chain =
            try Data(contentsOf: folder.appendingPathComponent("\(name).pem"))
            + Data(contentsOf: folder.appendingPathComponent("ca.pem"))
        try chain.write(to: folder.appendingPathComponent("\(name).chain.pem"))
        return Certificate(chain: path("\(name).chain.pem"), key: path("\(name).key"))
    }

    /// An authority under this one.
    /// - Parameter constraints: as in a certificate: `permitted;DNS:example.test`.
    package func intermediate(validity: Validity = .now, constraints: String? = nil) throws -> Certificate {
        let constraint = constraints.map { "nameConstraints=critical,\($0)\n" } ?? ""
        return try sign(
            "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n\(constraint)",
            commonName: "Leadwire test intermediate", validity: validity)
    }

    package func issue(_ names: [String], under intermediate: Certificate) throws -> Certificate {
        let name = UUID().uuidString
        try run(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "\(name).key"])
        try run(["req", "-new", "-key", "\(name).key", "-out", "\(name).csr", "-config", "ca.cnf"])
        try Data("basicConstraints=CA:FALSE\nsubjectAltName=\(names.joined(separator: ","))\n".utf8)
            .write(to: folder.appendingPathComponent("\(name).ext"))
        // The first certificate of the chain is the one that signs.
        try run([
            "x509", "-req", "-in", "\(name).csr", "-CA", intermediate.chain, "-CAkey", intermediate.key, "-set_serial",
            "7", "-days", "30", "-extfile", "\(name).ext", "-out", "\(name).pem",
        ])
        let chain =
            try Data(contentsOf: folder.appendingPathComponent("\(name).pem"))
            + Data(contentsOf: URL(fileURLWithPath: intermediate.chain))
        try chain.write(to: folder.appendingPathComponent("\(name).chain.pem"))
        return Certificate(chain: path("\(name).chain.pem"), key: path("\(name).key"))
    }

    /// Signed by nobody but itself.
    package func selfSigned(_ names: [String]) throws -> Certificate {
        let name = UUID().uuidString
        try run(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "\(name).key"])
        try run([
            "req", "-x509", "-new", "-key", "\(name).key", "-out", "\(name).pem", "-days", "30", "-config", "ca.cnf",
            "-subj", "/CN=self", "-addext", "subjectAltName=\(names.joined(separator: ","))",
        ])
        return Certificate(chain: path("\(name).pem"), key: path("\(name).key"))
    }

    private func run(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let errors = folder.appendingPathComponent("errors")
        try Data().write(to: errors)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure(
                command: arguments.first ?? "", output: (try? String(contentsOf: errors, encoding: .utf8)) ?? "")
        }
    }

    private static let settings = """
        [ca]
        default_ca = test
        [test]
        dir = .
        database = index.txt
        serial = serial
        new_certs_dir = .
        certificate = ca.pem
        private_key = ca.key
        default_md = sha256
        policy = any
        unique_subject = no
        [any]
        commonName = supplied
        [req]
        distinguished_name = subject
        prompt = no
        [subject]
        CN = test
        [authority]
        basicConstraints = critical,CA:TRUE
        keyUsage = critical,keyCertSign,cRLSign
        subjectKeyIdentifier = hash
        """
}

package struct CommandFailure: Error, CustomStringConvertible {
    package let command: String
    package let output: String

    package var description: String { "openssl \(command): \(output)" }
}
