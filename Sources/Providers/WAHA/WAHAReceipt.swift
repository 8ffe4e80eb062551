import Domain
import JSON

/// What an answer to a send means.
enum WAHAReceipt {
    static func outcome(
        of response: ProviderResponse, presetMessageID: String?, quoting ownWords: [String]
    ) -> AttemptOutcome {
        let words = words(in: response.json).map { ProviderWords.safe($0, quoting: ownWords) }
        func fault(_ title: String, retryable: Bool, code: String? = nil) -> ProviderFault {
            ProviderFault(
                provider: .waha, code: code ?? String(response.status), title: title, details: words,
                retryable: retryable)
        }
        switch response.status {
        case 200..<300: return accepted(response, presetMessageID)
        case 401, 403: return .refused(fault("WAHA refuses the API key", retryable: true), .holdInstance)
        case 404: return .refused(fault("WAHA does not know the session", retryable: true), .fail)
        case 422 where isNotReady(response.json):
            return .notSent(fault("The WhatsApp session is not ready", retryable: true))
        case 422 where isNotImplemented(response.json):
            return .refused(fault("WAHA's engine cannot send this", retryable: false), .fail)
        case 429: return .refused(fault("Too many requests", retryable: true), .fail)
        case 400..<500: return .refused(fault("WAHA refuses the message", retryable: false), .fail)
        default:
            // Matched before masking: the mask may have taken what tells.
            guard let proof = WAHAProof(in: Self.words(in: response.json)) else {
                return .unknown(fault("WAHA failed while sending", retryable: false))
            }
            let shown = fault(proof.title, retryable: proof.isRetryable, code: proof.code)
            // Not retried by itself, though it may be tried again: only what PRODUCT § 6.8 lists is.
            return .refused(shown, .fail)
        }
    }

    /// Some engines have answered 201 with an empty body: then the id that was given beforehand stands.
    private static func accepted(_ response: ProviderResponse, _ presetMessageID: String?) -> AttemptOutcome {
        if let id = WAHAMessageID.bare(in: response.json) ?? (response.isEmpty ? presetMessageID : nil) {
            return .accepted(providerMessageID: id, waID: nil)
        }
        return .unknown(
            ProviderFault(
                provider: .waha, code: nil, title: "A success without a message id", details: nil, retryable: false))
    }

    /// Of a question that changes nothing: whatever became of it, the message was not sent.
    static func outcome(ofQuestion response: ProviderResponse) -> AttemptOutcome {
        let fault = unanswered(response)
        switch response.status {
        case 401, 403: return .refused(fault, .holdInstance)
        case 400..<500 where !fault.retryable: return .refused(fault, .fail)
        default: return .notSent(fault)
        }
    }

    static func unanswered(_ response: ProviderResponse) -> ProviderFault {
        let isRetryable =
            switch response.status {
            case 422: isNotReady(response.json)
            case 429, 500...: true
            default: false
            }
        return ProviderFault(
            provider: .waha, code: String(response.status), title: "WAHA did not answer the question",
            details: words(in: response.json).map { ProviderWords.safe($0) }, retryable: isRetryable)
    }

    /// Some engines lack some calls (WAHA, "Engines").
    static func isNotImplemented(_ json: JSONValue?) -> Bool {
        guard let words = words(in: json) else { return false }
        return words.contains("NotImplemented") || words.contains("not implemented")
    }

    /// WAHA has waited for the session by then, and given up before sending.
    private static func isNotReady(_ json: JSONValue?) -> Bool {
        json?["expected"]?.array != nil || json?["error"]?.string?.contains("Session status is not as expected") == true
    }

    /// Never the whole body: it holds a stack and an echo of the request.
    static func words(in json: JSONValue?) -> String? {
        json?["exception"]?["message"]?.string ?? json?["error"]?.string ?? json?["message"]?.string
    }
}

/// Words in a 500 that prove that the message did not go out.
struct WAHAProof: Sendable {
    let title: String
    let code: String?
    let isRetryable: Bool

    init?(in words: String?) {
        guard let words else { return nil }
        if words.contains("server returned error 463") {
            // WAHA #1904, #1992: the account may answer, and not begin, chats.
            self.init("WhatsApp keeps this number from starting chats", code: "463", isRetryable: true)
        } else if let code = Self.serverError(in: words) {
            // The engine's word for a refusal by WhatsApp's server (WAHA #2084, #2093).
            self.init("WhatsApp refuses the message", code: code, isRetryable: true)
        } else if words.contains("no LID found for") || words.contains("No LID for user") {
            // WAHA #1714, #2094: the look-up before the send fails.
            self.init("WhatsApp does not know the recipient", code: "no_lid", isRetryable: false)
        } else if words.contains("connect ECONNREFUSED") {
            self.init("WAHA's engine is down", code: nil, isRetryable: true)
        } else {
            return nil
        }
    }

    private init(_ title: String, code: String?, isRetryable: Bool) {
        self.title = title
        self.code = code
        self.isRetryable = isRetryable
    }

    /// Only 4xx: what WhatsApp says of its own failures proves nothing.
    private static func serverError(in words: String) -> String? {
        guard let range = words.firstRange(of: "server returned error ") else { return nil }
        let code = words[range.upperBound...].prefix { $0.isASCII && $0.isNumber }
        return code.count == 3 && code.first == "4" ? String(code) : nil
    }
}
