import Domain
import JSON

/// What an answer to a send means.
enum CloudAPIReceipt {
    /// Meta: build on error codes, not on HTTP statuses; the status decides only where no code can be read.
    static func outcome(of response: ProviderResponse, quoting ownWords: [String]) -> AttemptOutcome {
        if let error = CloudAPIError(envelope: response.json) {
            return .refused(error.fault(quoting: ownWords), error.code.disposition)
        }
        switch response.status {
        case 200..<300: return accepted(response.json)
        case 429: return .refused(fault("Too many requests", response, retryable: true), .fail)
        // Said by something on the way that did not wait for the end: Meta may have it.
        case 408: return .unknown(fault("An answer that says nothing", response, retryable: false))
        case 400..<500: return .refused(fault("Refused without a reason", response, retryable: false), .fail)
        default: return .unknown(fault("An answer that says nothing", response, retryable: false))
        }
    }

    /// An upload sends nothing: whatever became of it, it may be done again.
    static func placement(of response: ProviderResponse, quoting ownWords: [String]) -> MediaPlacement {
        if response.isSuccess, let id = response.json?["id"]?.string, !id.isEmpty { return .id(id) }
        if response.isSuccess {
            return .failed(.notSent(fault("A success without a media id", response, retryable: true)))
        }
        switch outcome(of: response, quoting: ownWords) {
        case .unknown(var fault):
            fault.retryable = true
            return .failed(.notSent(fault))
        case let outcome: return .failed(outcome)
        }
    }

    /// A message held back for pacing counts: Meta sends it later, or tells of its end by webhook.
    private static func accepted(_ json: JSONValue?) -> AttemptOutcome {
        guard let id = json?["messages"]?[0]?["id"]?.string, !id.isEmpty else {
            return .unknown(
                ProviderFault(
                    provider: .cloudAPI, code: nil, title: "A success without a message id", details: nil,
                    retryable: false))
        }
        return .accepted(providerMessageID: id, waID: json?["contacts"]?[0]?["wa_id"]?.string)
    }

    private static func fault(_ title: String, _ response: ProviderResponse, retryable: Bool) -> ProviderFault {
        ProviderFault(
            provider: .cloudAPI, code: nil, title: title, details: "HTTP \(response.status)", retryable: retryable)
    }
}
