import CPostgres
import EventLoop
import Glibc

/// What libpq is told when it connects, out of the configuration.
struct ConnectionOptions: Sendable {
    enum Role: Sendable, Hashable {
        /// Shared by many callers, for statements that are planned once.
        case lane
        /// Shared too, for statements that are planned at each use.
        case search
        case exclusive
        case migration

        var isShared: Bool { self == .lane || self == .search }
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
        // Of several servers only one takes writes; with a list that is what is meant.
        if hosts.count > 1, values["target_session_attrs"] == nil { values["target_session_attrs"] = "read-write" }
        if configuration.isPooled {
            // libpq's only way to say it outside `options`. Before the first connection, and never changed after.
            if getenv("PGTZ") == nil { setenv("PGTZ", "UTC", 1) }
            if getenv("PGDATESTYLE") == nil { setenv("PGDATESTYLE", "ISO", 1) }
        } else {
            values["options"] = Self.options(values["options"], configuration, role)
        }
    }

    private var hosts: [String] {
        (values["host"] ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func isName(_ host: String) -> Bool {
        !host.isEmpty && !host.hasPrefix("/") && !host.hasPrefix("@")
    }

    var needsLookUp: Bool { values["hostaddr"] == nil && hosts.contains(where: Self.isName) }

    var list: [(keyword: String, value: String)] { values.map { (keyword: $0.key, value: $0.value) } }

    /// One set of options per server address, in the order in which they are to be tried: names are replaced by
    /// addresses, which libpq would look up in its own, blocking way, and each server has a time limit of its own,
    /// which libpq has only where it blocks.
    func servers() async throws(PostgresError) -> [ConnectionOptions] {
        // Two rounds over the whole list are libpq's own affair.
        guard values["target_session_attrs"] != "prefer-standby" || !needsLookUp else {
            return [try await resolved()]
        }
        guard values["hostaddr"] == nil, values["host"] != nil, values["target_session_attrs"] != "prefer-standby"
        else { return [self] }
        return try await addresses().map { server in
            var options = self
            options.values["host"] = server.host
            options.values["port"] = server.port
            if !server.address.isEmpty { options.values["hostaddr"] = server.address }
            return options
        }
    }

    private func resolved() async throws(PostgresError) -> ConnectionOptions {
        let all = try await addresses()
        var options = self
        options.values["host"] = all.map(\.host).joined(separator: ",")
        options.values["hostaddr"] = all.map(\.address).joined(separator: ",")
        options.values["port"] = all.map(\.port).joined(separator: ",")
        return options
    }

    private typealias Server = (host: String, address: String, port: String)

    /// A name that cannot be resolved is passed over, unless there is no other.
    private func addresses() async throws(PostgresError) -> [Server] {
        let ports = (values["port"] ?? "").split(separator: ",").map(String.init)
        var all: [Server] = []
        var failure: PostgresError?
        for (index, host) in hosts.enumerated() {
            let port = ports.count > 1 && index < ports.count ? ports[index] : ports.first ?? "5432"
            guard Self.isName(host) else {
                all.append((host: host, address: "", port: port))
                continue
            }
            do {
                for address in try await Resolver.resolve(host, port: 0) {
                    all.append((host: host, address: address.ip, port: port))
                }
            } catch {
                failure = PostgresError(.connectFailed, certainty: .notSent, message: "\(host): \(error)")
            }
        }
        if all.isEmpty, let failure { throw failure }
        return all
    }

    private static func parse(_ connectionString: String) throws(PostgresError) -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(connectionString, &message) else {
            PQfreemem(message)
            // libpq's text would quote the string, and with it the password.
            throw PostgresError(
                .misconfigured, certainty: .notSent, message: "the connection string is not one that libpq understands")
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
            case .lane, .search: configuration.statementTimeout
            case .exclusive: configuration.exclusiveStatementTimeout
            case .migration: .zero
            }
        var settings = [
            "timezone=UTC", "datestyle=ISO", "statement_timeout=\(statementTimeout.milliseconds)",
            "idle_in_transaction_session_timeout=\(configuration.idleInTransactionTimeout.milliseconds)",
        ]
        if role.isShared {
            // A plan is kept from a time when a queue was empty and its one page cheapest to read whole; when the queue
            // is full the same plan reads all of it, for every statement. Lanes have short statements with an index
            // each; what such a plan costs on paper must not set off the compiler either.
            settings += ["enable_seqscan=off", "jit=off"]
        }
        if role == .lane {
            // Each statement is planned once: the planner takes a plan for the values at hand to be cheaper, and then
            // spends on making it, for every page of leads, nearly twice what reading the page costs.
            settings.append("plan_cache_mode=force_generic_plan")
        }
        let own = settings.map { "-c \($0)" }.joined(separator: " ")
        return given.map { "\($0) \(own)" } ?? own
    }

}

extension Duration {
    var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
