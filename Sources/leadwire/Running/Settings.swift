import Foundation

/// The configuration by environment; each variable has a `_FILE` form, and all mistakes are told together.
struct Settings: Sendable {
    var databaseURL: String?
    var dataDirectory = ".leadwire"
    var host = "127.0.0.1"
    var port: UInt16 = 8080
    var secretKey: String?
    /// Given, the API speaks TLS.
    var tls: TLSFiles?
    var limits = ServerLimits()

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
        guard mistakes.isEmpty else {
            throw CommandError("the configuration has mistakes:\n  " + mistakes.joined(separator: "\n  "))
        }
    }
}
