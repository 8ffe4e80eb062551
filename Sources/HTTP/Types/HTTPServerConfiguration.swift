package import Crypto
package import EventLoop
package import Telemetry

/// Every limit of a server, with the defaults that the API runs under; sizes in bytes.
package struct HTTPServerConfiguration: Sendable {
    /// Method, target and version; beyond it 414 (RFC 9112 § 3 asks for at least 8,000 octets).
    package var requestLine = 8 * 1024
    /// One field line; beyond it 431.
    package var fieldLine = 16 * 1024
    /// All field lines, or all trailer lines, together; beyond it 431.
    package var fieldsTotal = 32 * 1024
    /// Field lines; beyond it 431.
    package var fieldCount = 100
    /// Chunk extensions of one body together; they carry nothing that is used.
    package var chunkExtensions = 8 * 1024
    /// From a head's first byte to its last; beyond it 408. Also for the first byte to come at all; beyond that the
    /// connection closes.
    package var headTime = Duration.seconds(10)
    /// Between two reads of a body; beyond it 408.
    package var bodyIdleTime = Duration.seconds(30)
    /// For a whole body that is collected before its handler sees it; beyond it 408.
    package var bodyTime = Duration.seconds(60)
    /// For a whole body that its handler reads as it arrives, without the time that the handler makes the client wait;
    /// beyond it 408.
    package var streamTime = Duration.seconds(600)
    /// Bytes a second that a body must reach on average, after a grace of `bodyRateGrace`; beyond it 408.
    package var bodyRate = 500
    package var bodyRateGrace = Duration.seconds(5)
    /// In each such stretch for which an answer waits for its reader, the client must take in `writeRate` bytes a second
    /// on average; else the connection is cut.
    package var writeIdleTime = Duration.seconds(30)
    package var writeRate = 500
    /// Between two requests of one connection.
    package var keepAliveTime = Duration.seconds(65)
    /// After this many answers a connection closes, so that what it holds cannot live for ever; raise it for load tests.
    package var requestsPerConnection = 1_000
    /// Requests answered in a row of what one client sent ahead, before other connections get their turn.
    package var pipelineDepth = 16
    /// Open at once; one more is told 503.
    package var connections = 10_000
    /// Connections of one IPv4 address or one IPv6 /64, unless `trustedPeers` holds it; one more is told 503.
    package var connectionsPerAddress = 1_000
    /// Whom `connectionsPerAddress` does not bind: load balancers, probes.
    package var trustedPeers = AddressRange.loopback
    /// How long input is thrown away after a refusal, so that the client reads the answer before a reset can take it.
    package var lingerTime = Duration.seconds(2)
    /// How much input is thrown away at most.
    package var lingerBytes = 1024 * 1024
    /// How the body of this request reaches its handler, and how large it may be; beyond that 413, before any of a body
    /// whose length was told is read.
    package var bodyMode: @Sendable (HTTPRequestHead) -> HTTPBodyMode = { _ in .buffered(limit: 1024 * 1024) }
    /// The limits alone; setting them has every body collected before its handler sees it.
    package var maximumBodySize: @Sendable (HTTPRequestHead) -> Int {
        get { { [bodyMode] in bodyMode($0).limit } }
        set { bodyMode = { .buffered(limit: newValue($0)) } }
    }
    /// Renders the answers that no handler sees.
    package var serverFault: @Sendable (HTTPServerFault) -> HTTPResponse = { fault in
        var response = HTTPResponse(
            status: fault.status, fields: ["Content-Type": "text/plain; charset=utf-8"],
            body: .text("\(fault.code)\n"))
        if fault.status == .serviceUnavailable { response.fields["Retry-After"] = "1" }
        return response
    }
    /// The wall clock of the `Date` field.
    package var clock = Clock.system
    /// Where connections, refusals and timeouts are counted.
    package var metrics = Metrics.shared
    /// Given, the server speaks TLS and nothing else; the handshake is bound by `headTime`.
    package var tls: TLSServerContext?

    package init() {}
}
