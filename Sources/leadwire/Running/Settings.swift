import Crypto
import Foundation
import HTTP
import Postgres

/// The configuration by environment; each variable has a `_FILE` form, and all mistakes are told together.
struct Settings: Sendable {
    var databaseURL: String?
    /// A pooler in transaction mode stands before the database.
    var isPooled = false
    var dataDirectory = ".leadwire"
    var host = "127.0.0.1"
    var port: UInt16 = 8080
    var secretKey: String?
    /// Given, the API speaks TLS.
    var tls: TLSFiles?
    var limits = ServerLimits()
    /// Processes that answer; more than one work under a supervisor.
    var workers = 1
    static let workersRange: ClosedRange<Int64> = 1...64
    /// The way to the servers that this one calls.
    var proxy: HTTPProxy?
    /// What clients' links may lead to beside the Internet at large.
    var links = AddressJudge()
    /// Authorities in PEM that servers called by this one are trusted by, besides the system's.
    var authorities: String?

    /// - Parameter serves: a server needs more than a command that only reads the database.
    init(_ environment: [String: String] = ProcessInfo.processInfo.environment, serves: Bool = false) throws {
        var mistakes: [String] = []
        func read(_ name: String) -> String? {
            if let file = environment[name + "_FILE"] {
                guard environment[name] == nil else {
                    mistakes.append("\(name) and \(name)_FILE are both set: keep one")
                    return nil
                }
                guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                    mistakes.append("\(name)_FILE names a file that cannot be read")
                    return nil
                }
                return text.trimmingCharacters(in: .whitespacesAndNewlines)
            }
            return environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        databaseURL = read("DATABASE_URL")
        if let pooler = read("LEADWIRE_PG_POOLER") {
            isPooled = pooler == "transaction"
            if !isPooled { mistakes.append("LEADWIRE_PG_POOLER must be transaction, the one mode there is, or unset") }
        }
        dataDirectory = read("LEADWIRE_DATA_DIR") ?? dataDirectory
        host = read("LEADWIRE_HOST") ?? host
        if let text = read("LEADWIRE_PORT") {
            if let port = UInt16(text) { self.port = port } else { mistakes.append("LEADWIRE_PORT must be 0 to 65535") }
        }
        secretKey = read("LEADWIRE_SECRET_KEY")
        if let fault = SecretFile.fault(in: secretKey, isNeeded: serves && databaseURL != nil) {
            mistakes.append(fault)
        }
        if let level = read("LEADWIRE_LOG_LEVEL"), !["debug", "info", "warning", "error"].contains(level) {
            mistakes.append("LEADWIRE_LOG_LEVEL must be debug, info, warning or error")
        }
        switch (read("LEADWIRE_TLS_CERT"), read("LEADWIRE_TLS_KEY")) {
        case (let certificate?, let key?): tls = TLSFiles(certificate: certificate, key: key)
        case (nil, nil): break
        default: mistakes.append("LEADWIRE_TLS_CERT and LEADWIRE_TLS_KEY go together: set both or neither")
        }
        var ofLimits: [String] = []
        limits = ServerLimits(read: read, mistakes: &ofLimits)
        mistakes += ofLimits
        if let text = read("LEADWIRE_WORKERS") {
            if let workers = Int64(text), Self.workersRange.contains(workers) {
                self.workers = Int(workers)
            } else {
                mistakes.append(
                    "LEADWIRE_WORKERS must be \(Self.workersRange.lowerBound) to \(Self.workersRange.upperBound)")
            }
        }
        if let text = read("LEADWIRE_PROXY") {
            proxy = HTTPProxy(text)
            if proxy == nil {
                mistakes.append("LEADWIRE_PROXY must be http://host:port, or http://user:password@host:port")
            }
        }
        if let text = read("LEADWIRE_PRIVATE_LINKS") {
            let words = text.split { $0 == "," || $0 == " " }.map(String.init)
            let ranges = words.compactMap { AddressRange($0) }
            if ranges.count != words.count {
                mistakes.append(
                    "LEADWIRE_PRIVATE_LINKS must be addresses or ranges such as 10.0.0.0/8, with commas between")
            }
            links = AddressJudge(allowing: ranges)
        }
        // A path as it stands, and no text in a file.
        authorities = environment["LEADWIRE_CA_FILE"].flatMap { $0.isEmpty ? nil : $0 }
        if let fault = authorities.flatMap(Self.fault(inAuthorities:)) { mistakes.append(fault) }
        guard mistakes.isEmpty else {
            throw CommandError("the configuration has mistakes:\n  " + mistakes.joined(separator: "\n  "))
        }
    }

    /// How this process calls others.
    var outgoing: HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration(trust: authorities.map { .systemAnd($0) } ?? .system)
        configuration.proxy = proxy
        return configuration
    }

    private static func fault(inAuthorities file: String) -> String? {
        do throws(TLSError) {
            _ = try TLSClientContext(trust: .file(file))
            return nil
        } catch {
            return "LEADWIRE_CA_FILE must name a PEM file of certificates: \(error.detail ?? error.description)"
        }
    }

    /// How to reach a database at this address.
    func database(at connectionString: String) -> PostgresConfiguration {
        var configuration = PostgresConfiguration(connectionString: connectionString)
        configuration.isPooled = isPooled && connectionString == databaseURL
        return configuration
    }
}
