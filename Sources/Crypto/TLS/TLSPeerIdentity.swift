import COpenSSL

/// Whom a server's certificate must be for (RFC 9110 § 4.3.4, RFC 9525).
struct TLSPeerIdentity {
    private let host: String

    init(_ host: String) {
        // The root's dot belongs to the name system; certificates do not write it.
        self.host = host.hasSuffix(".") ? String(host.dropLast()) : host
    }

    func require(on ssl: OpaquePointer) throws(TLSError) {
        // To the library no name means no check, and a leading dot any name below.
        guard !host.isEmpty, !host.hasPrefix(".") else { throw TLSError(.configuration, "no host to verify") }
        let parameters = SSL_get0_param(ssl)
        // Names stand in the alternative names alone, and a wildcard stands for one whole label.
        X509_VERIFY_PARAM_set_hostflags(
            parameters, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return }
        LibraryErrors.clear()
        // An address is not told to the server (RFC 6066 § 3); a name is.
        guard X509_VERIFY_PARAM_set1_host(parameters, host, host.utf8.count) == 1,
            lw_ssl_set_server_name(ssl, host) == 1
        else {
            throw LibraryErrors.configuration("the host's name cannot be verified")
        }
    }

    /// What the check of a certificate chain came to.
    static func error(verdict: Int) -> TLSError {
        let code: TLSError.Code =
            switch Int32(truncatingIfNeeded: verdict) {
            case X509_V_ERR_CERT_HAS_EXPIRED: .certificateExpired
            case X509_V_ERR_CERT_NOT_YET_VALID: .certificateNotYetValid
            case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .hostMismatch
            case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
                X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED:
                .certificateNotTrusted
            default: .certificateInvalid
            }
        return TLSError(code, String(cString: X509_verify_cert_error_string(verdict)))
    }
}
