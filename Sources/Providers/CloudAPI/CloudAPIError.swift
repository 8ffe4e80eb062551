import Domain
import JSON

/// Meta's error, from an answer's envelope or from a webhook's `errors[]`.
struct CloudAPIError: Sendable, Hashable {
    let code: CloudAPIErrorCode
    private let title: String?
    private let details: String?

    /// `{"error": {…}}`; nil when there is no code to judge by.
    init?(envelope: JSONValue?) {
        guard let error = envelope?["error"] else { return nil }
        self.init(error)
    }

    init?(_ error: JSONValue) {
        guard let code = error["code"]?.int64, let code = Int(exactly: code) else { return nil }
        self.code = CloudAPIErrorCode(code)
        title = error["title"]?.string ?? error["message"]?.string.map(Self.withoutCode)
        details = error["error_data"]?["details"]?.string
    }

    func fault(quoting ownWords: [String] = []) -> ProviderFault {
        let title = title.map { ProviderWords.safe($0, quoting: ownWords) } ?? code.title
        return ProviderFault(
            provider: .cloudAPI, code: code.description, title: title,
            details: details.map { ProviderWords.safe($0, quoting: ownWords) }, retryable: code.isRetryable)
    }

    /// `(#131030) Recipient…` is `Recipient…`.
    private static func withoutCode(_ message: String) -> String {
        guard message.hasPrefix("(#"), let end = message.firstIndex(of: ")") else { return message }
        return String(message[message.index(after: end)...].drop { $0 == " " })
    }
}
