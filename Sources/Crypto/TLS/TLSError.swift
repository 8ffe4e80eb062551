/// Why a TLS connection, or what one is made with, cannot be used; says nothing of what was sent over it.
package struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, CaseIterable {
        /// The two sides found no common ground, or one of them broke off.
        case handshake = "tls_handshake"
        case certificateExpired = "certificate_expired"
        case certificateNotYetValid = "certificate_not_yet_valid"
        /// No chain leads to an authority that is trusted here; self-signed certificates among them.
        case certificateNotTrusted = "certificate_not_trusted"
        /// The certificate is for another host.
        case hostMismatch = "certificate_host_mismatch"
        /// Any other fault of the peer's certificate: a weak key, a wrong purpose, a revoked link.
        case certificateInvalid = "certificate_invalid"
        /// The peer's alert says that it does not accept this side: it wants a certificate, or another one
        /// (RFC 8446 § 6.2). In TLS 1.3 it comes after this side's end of the handshake.
        case refusedByPeer = "tls_refused_by_peer"
        /// What came after the handshake was no TLS, or was changed on its way.
        case protocolViolation = "tls_protocol"
        /// The connection ended without the peer's word that this was all (RFC 8446 § 6.1): it may have been cut.
        case closedWithoutNotify = "closed_without_notify"
        /// A certificate, key or list of authorities of ours cannot be used.
        case configuration = "tls_configuration"
    }

    package let code: Code
    /// The library's own words.
    package let detail: String?

    package init(_ code: Code, _ detail: String? = nil) {
        self.code = code
        self.detail = detail
    }

    package var description: String { code.rawValue + (detail.map { ": \($0)" } ?? "") }

    /// Whether it was the peer's certificate that was refused: another try will meet the same one.
    package var isOfCertificate: Bool {
        switch code {
        case .certificateExpired, .certificateNotYetValid, .certificateNotTrusted, .hostMismatch, .certificateInvalid:
            true
        case .handshake, .refusedByPeer, .protocolViolation, .closedWithoutNotify, .configuration: false
        }
    }
}
