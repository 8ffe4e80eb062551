import CPostgres
import EventLoop
import Glibc

/// What libpq is told when it connects, out of the configuration.
struct ConnectionOptions: Sendable {
    enum Role: Sendable, Hashable {
        case lane
        case exclusive
        case migration
    }

    private(set) var values: [String: String]

    init(_ configuration: PostgresConfiguration, _ role: Role) throws(PostgresError) {
        values = try Self.parse(configuration.connectionString)
        if values["host"] == nil, values["hostaddr"] == nil, let host = getenv("PGHOST") {
            values["host"] = String(cString: host)
        }
        let defaults = [
            "client_encoding": "UTF8",
            "fallback_application_name": "leadwire",
            // It would look for tickets on disk and over the network, which blocks.
            "gssencmode": "disable",
            // A peer that vanished without a word is noticed after about a minute.
            "keepalives_idle": "30",
            "keepalives_interval": "10",
            "keepalives_count": "3",
            "tcp_user_timeout": "30000",
        ]
        values.merge(defaults) { given, _ in given }
        if configuration.startupOptions { values["options"] = Self.options(values["options"], configuration, role) }
    }

    var list: [(keyword: String, value: String)] { values.map { (keyword: $0.key, value: $0.value) } }

    /// Replaces names by addresses, which libpq would look up in its own, blocking way.
    mutating func resolve() async throws(PostgresError) {
        guard values["hostaddr"] == nil, let host = values["host"] else { return }
        let hosts = host.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard hosts.contains(where: { !$0.isEmpty && !$0.hasPrefix("/") && !$0.hasPrefix("@") }) else { return }
        let ports = (values["port"] ?? "").split(separator: ",").map(String.init)
        var all: [(host: String, address: String, port: String)] = []
        for (index, host) in hosts.enumerated() {
            let port = ports.count > 1 && index < ports.count ? ports[index] : ports.first ?? "5432"
            guard !host.hasPrefix("/"), !host.isEmpty else {
                all.append((host: host, address: "", port: port))
                continue
            }
            do {
                for address in try await Resolver.resolve(host, port: 0) {
                    all.append((host: host, address: address.ip, port: port))
                }
            } catch {
                guard index == hosts.count - 1, all.isEmpty else { continue }
                throw PostgresError(.connectFailed, certainty: .notSent, message: "\(host): \(error)")
            }
        }
        values["host"] = all.map(\.host).joined(separator: ",")
        values["hostaddr"] = all.map(\.address).joined(separator: ",")
        values["port"] = all.map(\.port).joined(separator: ",")
    }

    private static func parse(_ connectionString: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(connectionString, &message) else {
            PQfreemem(message)
            // libpq's text would quote the string, and with it the password.
            throw PostgresError(
                .connectFailed, certainty: .notSent, message: "the connection string is not one that libpq understands")
        }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }

    private static func options(
        _ given: String?, _ configuration: PostgresConfiguration, _ role: Role
    ) -> String {
        let statementTimeout: Duration =
            switch role {
            case .lane: configuration.statementTimeout
            case .exclusive: configuration.exclusiveStatementTimeout
            case .migration: .zero
            }
        let settings = [
            "timezone=UTC", "statement_timeout=\(statementTimeout.milliseconds)",
            "idle_in_transaction_session_timeout=\(configuration.idleInTransactionTimeout.milliseconds)",
        ]
        let own = settings.map { "-c \($0)" }.joined(separator: " ")
        return given.map { "\($0) \(own)" } ?? own
    }

}

extension Duration {
    var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
