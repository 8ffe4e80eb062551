import COpenSSL

/// What a client's connections share: whom it trusts, and the sessions that it may take up again.
package final class TLSClientContext {
    package enum Trust: Sendable, Hashable {
        /// The authorities of the operating system.
        case system
        /// Those of a PEM file, and no others.
        case file(String)
        /// Those of the operating system, and those of a PEM file.
        case systemAnd(String)
    }

    let pointer: OpaquePointer
    private var sessions: [String: StoredSession] = [:]

    /// TLS 1.2's forward-secret suites; those with CBC come last, for servers that know nothing newer.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES"
    /// Peers whose sessions are kept: customers name hosts freely, and memory must not follow them.
    private static let sessionLimit = 512
    /// In bytes: what one peer may have kept for it, its certificates in memory and its ticket.
    private static let certificatesLimit = 64 * 1024
    private static let ticketLimit = 8 * 1024

    package init(trust: Trust = .system) throws(TLSError) {
        LibraryErrors.clear()
        guard let pointer = SSL_CTX_new(TLS_client_method()) else { throw LibraryErrors.configuration("no context") }
        self.pointer = pointer
        try TLSContextDefaults.apply(to: pointer, ciphers: Self.ciphers)
        SSL_CTX_set_verify(pointer, SSL_VERIFY_PEER, nil)
        SSL_CTX_ctrl(pointer, SSL_CTRL_SET_MAX_CERT_LIST, Self.certificatesLimit, nil)
        switch trust {
        case .system: try loadSystem()
        case .file(let path): try load(path)
        case .systemAnd(let path):
            try loadSystem()
            try load(path)
        }
        // The library tells of new sessions, and keeps none by itself.
        lw_ssl_ctx_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL))
        SSL_CTX_sess_set_new_cb(pointer) { ssl, session in TLSSession.keep(session, of: ssl) }
    }

    deinit { SSL_CTX_free(pointer) }

    private func loadSystem() throws(TLSError) {
        guard SSL_CTX_set_default_verify_paths(pointer) == 1 else {
            throw LibraryErrors.configuration("the system's authorities cannot be read")
        }
    }

    private func load(_ path: String) throws(TLSError) {
        guard SSL_CTX_load_verify_file(pointer, path) == 1 else {
            throw LibraryErrors.configuration("the file of authorities cannot be read")
        }
    }

    // MARK: Sessions

    /// The session to take up with this peer, unless its certificate has run out: a resumed handshake shows none.
    func session(for peer: String) -> OpaquePointer? {
        guard let stored = sessions[peer] else { return nil }
        if stored.isUsable { return stored.pointer }
        sessions[peer] = nil
        return nil
    }

    /// Takes over the reference, unless the session is too large to keep.
    func keep(_ session: OpaquePointer, for peer: String) -> Bool {
        var ticketLength = 0
        SSL_SESSION_get0_ticket(session, nil, &ticketLength)
        guard ticketLength <= Self.ticketLimit else { return false }
        if sessions.count >= Self.sessionLimit, sessions[peer] == nil, let other = sessions.keys.first {
            sessions[other] = nil
        }
        sessions[peer] = StoredSession(owning: session)
        return true
    }

    func forgetSession(of peer: String) { sessions[peer] = nil }

    private final class StoredSession {
        let pointer: OpaquePointer

        init(owning pointer: OpaquePointer) { self.pointer = pointer }

        deinit { SSL_SESSION_free(pointer) }

        var isUsable: Bool {
            guard SSL_SESSION_is_resumable(pointer) == 1, let certificate = SSL_SESSION_get0_peer(pointer) else {
                return false
            }
            return X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0
        }
    }
}

/// What client and server contexts have in common.
enum TLSContextDefaults {
    static func apply(to context: OpaquePointer, ciphers: String) throws(TLSError) {
        guard lw_ssl_ctx_require_tls12(context) == 1, SSL_CTX_set_cipher_list(context, ciphers) == 1 else {
            throw LibraryErrors.configuration("the library refuses its settings")
        }
        // 112 bits: RSA and DH keys of 2048, no SHA-1 signatures.
        SSL_CTX_set_security_level(context, 2)
        // Compression tells of secrets by length; renegotiation lets a peer ask for work without end.
        lw_ssl_ctx_forbid_compression_and_renegotiation(context)
        // Buffers of idle connections are given back: 34 kB each.
        lw_ssl_ctx_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE))
    }
}
