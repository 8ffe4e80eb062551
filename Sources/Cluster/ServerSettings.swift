extension PrivateCluster {
    package struct Configuration: Sendable {
        package enum Purpose: Sendable, Hashable {
            /// What is committed survives; the data folder stays.
            case durable
            /// Nothing survives, and it is faster for that; the data folder is removed at stop.
            case test
        }

        package var dataDirectory: String
        package var purpose: Purpose
        /// Where the data go if the server's user cannot reach the data folder.
        package var fallbackDirectory = "/var/lib/leadwire"
        package var sharedBuffers = "128MB"
        package var maxConnections = 100
        /// Further settings of `postgresql.conf`, over those made here.
        package var settings: [String: String] = [:]
        /// How long a start may take, crash recovery included.
        package var startTimeout: Duration = .seconds(60)
        package var stopTimeout: Duration = .seconds(30)

        package init(dataDirectory: String, purpose: Purpose = .durable) {
            self.dataDirectory = dataDirectory
            self.purpose = purpose
        }

        func serverSettings(socketFolder: String) -> [String: String] {
            var all = [
                "listen_addresses": "",
                "unix_socket_directories": socketFolder,
                "max_connections": String(maxConnections),
                "shared_buffers": sharedBuffers,
                // Compiling costs more than it gains in queries of a few milliseconds.
                "jit": "off",
                "timezone": "UTC",
                "log_timezone": "UTC",
                "lc_messages": "C",
                "logging_collector": "off",
                "log_destination": "stderr",
                "log_line_prefix": "%m [%p] ",
                // The log must not hold what is in the rows: no statements, no parameters, no error texts, which
                // quote values. "log" ranks above "error" here, so starts, stops and crashes are still told.
                "log_min_messages": "log",
                "log_min_error_statement": "panic",
                "log_error_verbosity": "terse",
                "log_statement": "none",
                "log_min_duration_statement": "-1",
                "log_parameter_max_length": "0",
                "log_parameter_max_length_on_error": "0",
                "log_checkpoints": "off",
                "log_autovacuum_min_duration": "-1",
            ]
            if purpose == .test {
                all["fsync"] = "off"
                all["full_page_writes"] = "off"
                all["synchronous_commit"] = "off"
            }
            return all.merging(settings) { $1 }
        }
    }
}
