import COpenSSL

/// What a server seals its session tickets with (RFC 5077 § 4): the same in all processes that were given the same
/// secret, so that a client may take up with one of them what it began with another.
///
/// The secret moves on with time and cannot be moved back: who learns it later opens no ticket from before.
package struct TLSTicketKeys: Sendable {
    package static let secretByteCount = 32

    package private(set) var secret: [UInt8]
    /// The stretch of time, by the caller's count, that `secret` is for.
    package private(set) var period: Int64

    package init?(secret: [UInt8], period: Int64) {
        guard secret.count == Self.secretByteCount else { return nil }
        self.secret = secret
        self.period = period
    }

    /// A secret that nobody else has.
    package init(drawnFor period: Int64) {
        secret = SecureRandom.bytes(Self.secretByteCount)
        self.period = period
    }

    /// Never goes back.
    package mutating func advance(to period: Int64) {
        while self.period < period {
            secret = HMAC.sha256(key: secret, message: Array("next".utf8))
            self.period += 1
        }
    }

    /// As the library takes them: name, keys for HMAC and AES-256, in one.
    var octets: [UInt8] {
        let name = HMAC.sha256(key: secret, message: Array("name".utf8)).prefix(16)
        return name + HMAC.sha256(key: secret, message: Array("mac".utf8))
            + HMAC.sha256(key: secret, message: Array("cipher".utf8))
    }
}

extension TLSServerContext {
    /// Tickets sealed otherwise are not opened from now on: their clients make the full handshake. Not while another
    /// thread shakes hands with this context.
    package func use(_ keys: TLSTicketKeys) throws(TLSError) {
        LibraryErrors.clear()
        var octets = keys.octets
        let taken = SSL_CTX_ctrl(pointer, SSL_CTRL_SET_TLSEXT_TICKET_KEYS, octets.count, &octets)
        guard taken == 1 else { throw LibraryErrors.configuration("the ticket keys cannot be used") }
    }
}
