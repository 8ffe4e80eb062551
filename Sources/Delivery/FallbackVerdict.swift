package import Domain
package import Storage

/// What goes out, if anything, in place of a free-form message whose window closed before it left: by the rules of a
/// send (PRODUCT § 6.3).
package enum FallbackVerdict: Sendable {
    /// None was given.
    case none
    case template(AttemptStore.Substitute)
    /// The contact has written meanwhile.
    case stillOpen(lastInboundAt: Timestamp?)
    /// The number is down for now.
    case waits(ProviderFault)
    case impossible(ProviderFault)

    /// - Parameter request: the message as it was asked for, with its fallback.
    package init(_ request: SendRequest, in context: SendContext, now: Timestamp) {
        let verdict = SendDecision.judge(request, in: context, now: now)
        if let fault = verdict.faults.first {
            let told = Self.fault(fault.code.rawValue, fault.code.reason)
            self = fault.code == .instanceNotConnected ? .waits(told) : .impossible(told)
            return
        }
        guard verdict.usedFallback else {
            self = .stillOpen(lastInboundAt: verdict.window?.lastInboundAt)
            return
        }
        guard let content = verdict.content, let recipient = verdict.recipient, let template = verdict.template else {
            self = .none
            return
        }
        self = .template(
            AttemptStore.Substitute(
                content: content, recipient: recipient, type: verdict.type, text: verdict.text,
                details: verdict.details.json, mediaID: verdict.details.media?.stored?.id,
                template: Message.TemplateReference(
                    id: template.id, name: template.name, language: template.language, category: template.category)))
    }

    /// Only what lets itself be waited for is tried again by itself.
    static func fault(_ code: String, _ reason: String) -> ProviderFault {
        ProviderFault(
            provider: .cloudAPI, code: code,
            title: "The window closed before it was sent, and the fallback cannot take its place: \(reason)",
            details: nil, retryable: code == SendFault.Code.instanceNotConnected.rawValue)
    }
}

extension SendFault.Code {
    /// Why a fallback is not sent; it is kept with the message.
    fileprivate var reason: String {
        switch self {
        case .noInstance, .instanceNotFound: "there is no number to send it from"
        case .instanceNotConnected: "the number is not connected"
        case .leadWithoutPhone: "the lead has no phone"
        case .optedOut: "the contact asked not to be written to"
        case .windowClosed: "the window is closed"
        case .templatesNotSupported: "the number cannot send templates"
        case .templateNotFound: "there is no such template any more"
        case .templateNotApproved: "the template is not approved"
        case .bindingFailed: "the variables do not fill the template"
        case .replyNotFound: "the message that it answers is gone"
        case .contentInvalid: "what it shows cannot be sent"
        }
    }
}
