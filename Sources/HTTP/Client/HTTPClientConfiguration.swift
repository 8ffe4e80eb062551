package import Crypto
package import EventLoop

/// The limits of a client over all its requests.
package struct HTTPClientConfiguration: Sendable {
    /// Connections to one origin: idle, busy and being made.
    package var connectionsPerOrigin = 64
    /// How long a connection is kept for the next request; a server that promises less (`Keep-Alive: timeout`) is
    /// left before it leaves.
    package var idleTime = Duration.seconds(30)
    /// Idle connections over all origins: whoever names the origins must not own the descriptors.
    package var idleConnections = 1024
    /// Asked about each address of a name at the moment of connecting; the address that it let pass is the one
    /// connected to, so that a name cannot point elsewhere in between.
    package var addressJudge: (@Sendable (SocketAddress) -> Bool)?

    /// The authorities whose word on `https` servers is taken.
    package var trust: TLSClientContext.Trust
    /// The way to all servers but those on loopback. Where addresses are judged there is none: a proxy would resolve
    /// the names anew, and nobody would judge what it finds.
    package var proxy: HTTPProxy?
    /// Every address of a name, for the port; the system's resolver, unless given.
    package var resolve: (@Sendable (_ host: String, _ port: UInt16) async throws -> [SocketAddress])?

    package init(
        connectionsPerOrigin: Int = 64, idleTime: Duration = .seconds(30), trust: TLSClientContext.Trust = .system,
        addressJudge: (@Sendable (SocketAddress) -> Bool)? = nil
    ) {
        self.connectionsPerOrigin = connectionsPerOrigin
        self.idleTime = idleTime
        self.trust = trust
        self.addressJudge = addressJudge
    }
}
