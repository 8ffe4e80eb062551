import COpenSSL

/// One TLS connection without a socket: it is given what the peer sent, and gives what is to be sent to the peer.
package final class TLSSession {
    package enum Handshake: Sendable, Hashable {
        case done
        /// Nothing to do until the output is sent and more has been received.
        case wantsMore
        /// The output may hold the alert that tells the peer.
        case failed(TLSError)
    }

    package enum Reading: Sendable, Hashable {
        case bytes(Int)
        case wantsMore
        /// The peer has said that it will send no more.
        case end
        case failed(TLSError)
    }

    /// The most plaintext that one record holds (RFC 8446 § 5.1).
    package static let recordLimit = 16 * 1024
    /// More than the largest record adds to what it holds: header, padding byte, tag (RFC 8446 § 5.2).
    package static let recordOverhead = 512

    let ssl: OpaquePointer
    private let output: OpaquePointer
    private var input: OpaquePointer
    private let clientContext: TLSClientContext?
    /// Whom sessions are kept for.
    private let peer: String
    private var failure: TLSError?
    private var isEstablished = false
    private var hasGrownInput = false

    /// Beyond this, memory that held input is given back once it is read.
    private static let inputKept = 4 * 1024

    /// - Parameters:
    ///   - host: a name, which the certificate must be for and which the server is told, or a numeric address.
    ///   - port: tells apart the servers of one host, each with sessions of its own.
    package init(client context: TLSClientContext, host: String, port: UInt16) throws(TLSError) {
        (ssl, input, output) = try Self.make(context.pointer)
        clientContext = context
        peer = "\(host) \(port)"
        SSL_set_connect_state(ssl)
        try TLSPeerIdentity(host).require(on: ssl)
        let alpn = [UInt8(8)] + "http/1.1".utf8
        guard SSL_set_alpn_protos(ssl, alpn, UInt32(alpn.count)) == 0 else {
            throw LibraryErrors.configuration("the protocol cannot be offered")
        }
        SSL_set_ex_data(ssl, 0, Unmanaged.passUnretained(self).toOpaque())
        if let session = context.session(for: peer) { SSL_set_session(ssl, session) }
    }

    package init(server context: TLSServerContext) throws(TLSError) {
        (ssl, input, output) = try Self.make(context.pointer)
        clientContext = nil
        peer = ""
        SSL_set_accept_state(ssl)
    }

    /// Frees the two BIOs with it.
    deinit { SSL_free(ssl) }

    private static func make(
        _ context: OpaquePointer
    ) throws(TLSError) -> (ssl: OpaquePointer, input: OpaquePointer, output: OpaquePointer) {
        LibraryErrors.clear()
        guard let ssl = SSL_new(context) else { throw LibraryErrors.configuration("no session") }
        guard let input = BIO_new(BIO_s_mem()), let output = BIO_new(BIO_s_mem()) else {
            SSL_free(ssl)
            throw LibraryErrors.configuration("no memory")
        }
        SSL_set_bio(ssl, input, output)
        return (ssl, input, output)
    }

    /// `TLSv1.3`
    package var version: String { String(cString: SSL_get_version(ssl)) }
    package var isResumed: Bool { SSL_session_reused(ssl) == 1 }

    /// What the two sides agreed to speak (RFC 7301).
    package var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        guard let name, length > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// The name that the client asked a server for.
    package var serverName: String? { SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) } }
}

// MARK: From the peer

extension TLSSession {
    package func receive(_ ciphertext: UnsafeRawBufferPointer) {
        guard !ciphertext.isEmpty else { return }
        if ciphertext.count > Self.inputKept { hasGrownInput = true }
        BIO_write(input, ciphertext.baseAddress, Int32(ciphertext.count))
    }

    /// The peer's bytes are at an end; whether that was foretold, `handshake` or `read` tells.
    package func endOfInput() { lw_bio_end_when_empty(input) }

    package func handshake() -> Handshake {
        if let failure { return .failed(failure) }
        guard !isEstablished else { return .done }
        LibraryErrors.clear()
        let result = SSL_do_handshake(ssl)
        guard result != 1 else {
            isEstablished = true
            return .done
        }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wantsMore
        default: return .failed(fail(handshakeError()))
        }
    }

    /// Plaintext, as much as there is and fits.
    package func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        if let failure { return .failed(failure) }
        var count = 0
        LibraryErrors.clear()
        while count < buffer.count {
            let room = Int32(clamping: buffer.count - count)
            let result = SSL_read(ssl, buffer.baseAddress?.advanced(by: count), room)
            guard result <= 0 else {
                count += Int(result)
                continue
            }
            switch SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
                if count == 0 {
                    shrinkInput()
                    return .wantsMore
                }
            case SSL_ERROR_ZERO_RETURN:
                if count == 0 { return .end }
            default:
                // The library tells it once; behind the bytes before it, the next call will.
                let error = fail(readError())
                if count == 0 { return .failed(error) }
            }
            break
        }
        return .bytes(count)
    }

    /// Whether `read` would tell of the end without more input: one that came behind the last bytes.
    package var hasEnded: Bool { failure != nil || SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN != 0 }

    private func shrinkInput() {
        guard hasGrownInput, BIO_ctrl_pending(input) == 0, let smaller = BIO_new(BIO_s_mem()) else { return }
        SSL_set0_rbio(ssl, smaller)
        input = smaller
        hasGrownInput = false
    }
}

// MARK: To the peer

extension TLSSession {
    /// Encrypts one record of at most `recordLimit`.
    /// - Returns: how much of the plaintext went into it; nil once the session has failed or is closed.
    package func write(_ plaintext: UnsafeRawBufferPointer) -> Int? {
        guard failure == nil, isEstablished else { return nil }
        guard !plaintext.isEmpty else { return 0 }
        LibraryErrors.clear()
        let result = SSL_write(ssl, plaintext.baseAddress, Int32(min(plaintext.count, Self.recordLimit)))
        guard result > 0 else {
            _ = fail(TLSError(.protocolViolation, LibraryErrors.take()))
            return nil
        }
        return Int(result)
    }

    /// Tells the peer that nothing more will be sent (RFC 8446 § 6.1).
    package func sendCloseNotify() {
        guard failure == nil, isEstablished else { return }
        LibraryErrors.clear()
        SSL_shutdown(ssl)
        LibraryErrors.clear()
    }

    package var hasOutput: Bool { BIO_ctrl_pending(output) > 0 }

    /// In bytes of ciphertext.
    package var outputCount: Int { Int(BIO_ctrl_pending(output)) }

    /// Hands over what is to be sent; `body` returns how much of it was.
    package func withOutput(_ body: (UnsafeRawBufferPointer) -> Int) {
        var bytes: UnsafeRawPointer?
        let count = lw_bio_contents(output, &bytes)
        guard count > 0 else { return }
        var taken = body(UnsafeRawBufferPointer(start: bytes, count: count))
        guard taken < count else {
            lw_bio_empty(output)
            return
        }
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { scratch in
            while taken > 0 {
                let read = BIO_read(output, scratch.baseAddress, Int32(min(taken, scratch.count)))
                guard read > 0 else { return }
                taken -= Int(read)
            }
        }
    }

    /// All that is to be sent.
    package func takeOutput() -> [UInt8] {
        var taken: [UInt8] = []
        withOutput { bytes in
            taken.append(contentsOf: bytes)
            return bytes.count
        }
        return taken
    }
}

// MARK: Failures and sessions

extension TLSSession {
    private func fail(_ error: TLSError) -> TLSError {
        failure = error
        // Should it have been the session that was taken up, the next connection begins anew.
        if !isEstablished { clientContext?.forgetSession(of: peer) }
        return error
    }

    private func handshakeError() -> TLSError {
        let verdict = SSL_get_verify_result(ssl)
        let reason = LibraryErrors.take()
        guard clientContext != nil, verdict != X509_V_OK else { return TLSError(.handshake, reason ?? "cut off") }
        return TLSPeerIdentity.error(verdict: verdict)
    }

    private func readError() -> TLSError {
        let code = ERR_GET_REASON(ERR_peek_error())
        let reason = LibraryErrors.take()
        if code == SSL_R_UNEXPECTED_EOF_WHILE_READING { return TLSError(.closedWithoutNotify, reason) }
        let alert = code - SSL_AD_REASON_OFFSET
        return TLSError(Self.refusals.contains(alert) ? .refusedByPeer : .protocolViolation, reason)
    }

    /// `handshake_failure`, those about certificates, `unknown_ca`, `access_denied`, `certificate_required`
    /// (RFC 8446 § 6).
    private static let refusals: Set<Int32> = [40, 42, 43, 44, 45, 46, 48, 49, 116]

    /// Called by the library when the server has handed out a session; 1 takes over the reference.
    static func keep(_ session: OpaquePointer?, of ssl: OpaquePointer?) -> Int32 {
        guard let session, let owner = SSL_get_ex_data(ssl, 0) else { return 0 }
        let connection = Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
        guard let context = connection.clientContext else { return 0 }
        return context.keep(session, for: connection.peer) ? 1 : 0
    }
}
