import Domain
import HTTP

extension ProviderFault {
    /// No answer: what the connection made of it. A question changes nothing: it may be asked again, even when its
    /// answer was lost on the way.
    init(_ error: HTTPClientError, of provider: Instance.Provider, isQuestion: Bool) {
        let title =
            switch error.code {
            case .invalidURL: "The provider's address is no URL"
            case .addressRefused: "The provider's address is not allowed"
            case .tlsHandshake: "The provider and Leadwire could not agree on TLS"
            case .tlsCertificate: "The provider's certificate is not to be trusted"
            case .tlsConfiguration: "The trusted certificate authorities cannot be read"
            case .resolve, .connect, .connectTimeout: "The provider could not be reached"
            case .poolExhausted: "Too many requests wait for the provider"
            case .firstByteTimeout, .bodyTimeout, .totalTimeout: "The provider did not answer in time"
            case .reset, .closedEarly: "The provider's connection broke"
            case .malformedResponse, .responseTooLarge: "The provider's answer could not be read"
            case .bodyUnreadable: "The file could not be read to its end"
            case .cancelled: "The request was given up"
            }
        let permanent: Set<HTTPClientError.Code> = [.invalidURL, .addressRefused, .tlsConfiguration]
        self.init(
            provider: provider, code: nil, title: title, details: nil,
            retryable: (isQuestion || error.certainty != .unknown) && !permanent.contains(error.code))
    }
}

extension AttemptOutcome {
    /// Could the provider have seen it?
    init(_ error: HTTPClientError, of provider: Instance.Provider) {
        let fault = ProviderFault(error, of: provider, isQuestion: false)
        self = error.certainty == .unknown ? .unknown(fault) : .notSent(fault)
    }
}
