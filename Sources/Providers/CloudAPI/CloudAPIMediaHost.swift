import HTTP

/// Where Meta keeps what contacts send.
enum CloudAPIMediaHost {
    private static let domains = ["fbsbx.com", "fbcdn.net", "whatsapp.net", "facebook.com", "whatsapp.com"]

    /// One of Meta's own over TLS, or the very server that the channel is set to.
    static func isMetas(_ url: HTTPURL, of access: ProviderAccess) -> Bool {
        if HTTPURL(access.baseURL)?.origin == url.origin { return true }
        return url.scheme == .https && domains.contains { url.host == $0 || url.host.hasSuffix(".\($0)") }
    }
}
