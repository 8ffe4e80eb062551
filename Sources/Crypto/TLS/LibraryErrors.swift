import COpenSSL

/// The error queue that libssl and libcrypto keep for each thread. What one call leaves there would be taken for the
/// failure of the next.
enum LibraryErrors {
    static func clear() { ERR_clear_error() }

    /// The cause of the last failure in words; the queue is empty afterwards.
    static func take() -> String? {
        // The first error is the cause; those after it tell which functions it passed through.
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return nil }
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let line = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // `error:0A000086:SSL routines::certificate verify failed`
        return line.split(separator: ":").last.map(String.init)
    }

    static func configuration(_ what: String) -> TLSError {
        TLSError(.configuration, what + (take().map { ": \($0)" } ?? ""))
    }
}
