import COpenSSL

/// A server's certificate and key, as its files held them when this was made; a new one takes up what has changed.
package final class TLSServerContext: @unchecked Sendable {
    // Unchecked, because the context is changed by its owner's thread alone once it is made, and the library counts
    // references atomically.
    let pointer: OpaquePointer

    /// TLS 1.2's forward-secret suites with authenticated encryption; those of 1.3 are the library's choice.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
    /// Ties resumed sessions to this use of them (the library asks for some name).
    private static let sessionContext = Array("leadwire".utf8)

    /// - Parameters:
    ///   - certificateChain: a PEM file, the server's own certificate first.
    ///   - privateKey: a PEM file, not encrypted.
    package init(certificateChain: String, privateKey: String) throws(TLSError) {
        LibraryErrors.clear()
        guard let pointer = SSL_CTX_new(TLS_server_method()) else { throw LibraryErrors.configuration("no context") }
        self.pointer = pointer
        try TLSContextDefaults.apply(to: pointer, ciphers: Self.ciphers)
        // An encrypted key would make the library ask for its password on the terminal.
        SSL_CTX_set_default_passwd_cb(pointer) { _, _, _, _ in -1 }
        guard SSL_CTX_use_certificate_chain_file(pointer, certificateChain) == 1 else {
            throw LibraryErrors.configuration("the certificate cannot be read")
        }
        guard SSL_CTX_use_PrivateKey_file(pointer, privateKey, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(pointer) == 1
        else { throw LibraryErrors.configuration("the key cannot be used with the certificate") }
        // Sessions travel in tickets, sealed under a key of this context unless it is given one: nothing is kept for a client that leaves.
        lw_ssl_ctx_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        SSL_CTX_set_session_id_context(pointer, Self.sessionContext, UInt32(Self.sessionContext.count))
        SSL_CTX_set_alpn_select_cb(pointer, selectProtocol, nil)
    }

    deinit { SSL_CTX_free(pointer) }
}

/// `http/1.1`, or the refusal that RFC 7301 § 3.2 asks for; not called for clients that name no protocol.
private func selectProtocol(
    _ ssl: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ chosenLength: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32,
    _ argument: UnsafeMutableRawPointer?
) -> Int32 {
    let offers = UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    var index = 0
    while index < offers.count {
        let start = index + 1
        let end = start + Int(offers[index])
        guard end <= offers.count else { break }
        if offers[start..<end].elementsEqual("http/1.1".utf8) {
            chosen?.pointee = offered?.advanced(by: start)
            chosenLength?.pointee = offers[index]
            return SSL_TLSEXT_ERR_OK
        }
        index = end
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
