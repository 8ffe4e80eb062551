package import Domain
package import HTTP
import JSON

/// WAHA, the self-hosted WhatsApp HTTP API.
package struct WAHAProvider: MessagingProvider {
    private let client: HTTPClient
    private let deadlines: HTTPClientRequest.Deadlines

    package init(client: HTTPClient, deadlines: HTTPClientRequest.Deadlines = HTTPClientRequest.Deadlines()) {
        self.client = client
        self.deadlines = deadlines
    }

    /// `GET /api/{session}/new-message-id`, there since WAHA 2026.4.3; an older one gives none, and a lost answer
    /// stays unknown.
    package func presetMessageID(via access: ProviderAccess) async -> PresetMessageID {
        guard let session = access.session else { return .failed(.notSent(Self.sessionMissing)) }
        let call = call("api/\(HTTPURL.escape(session))/new-message-id", access)
        switch await call.response(from: access.baseURL, over: client, deadlines: deadlines) {
        case .failure(let error): return .failed(.notSent(ProviderFault(error, of: .waha, isQuestion: true)))
        case .success(let response):
            if response.isSuccess, let id = WAHAMessageID.bare(in: response.json) { return .id(id) }
            // No such path, or an engine that makes its own ids; an unknown session the send itself tells of.
            if response.status == 404 || WAHAReceipt.isNotImplemented(response.json) { return .none }
            return .failed(WAHAReceipt.outcome(ofQuestion: response))
        }
    }

    /// `GET /api/contacts/check-exists`: Brazilian numbers may be registered without their ninth digit, and a message
    /// to the wrong form is accepted and never delivered (WAHA #238, #2083).
    package func resolveAddress(of recipient: Recipient, via access: ProviderAccess) async -> AddressResolution {
        guard recipient.kind == .phone else { return .recipient(recipient) }
        guard let session = access.session else { return .failed(.notSent(Self.sessionMissing)) }
        let phone = WAHAChatID.digits(recipient.value)
        let call = call("api/contacts/check-exists?phone=\(phone)&session=\(HTTPURL.escape(session))", access)
        switch await call.response(from: access.baseURL, over: client, deadlines: deadlines) {
        case .failure(let error): return .failed(.notSent(ProviderFault(error, of: .waha, isQuestion: true)))
        case .success(let response):
            guard response.isSuccess, let exists = response.json?["numberExists"]?.bool else {
                // An engine or a version that cannot tell: the number as it is given.
                if response.status == 404 || WAHAReceipt.isNotImplemented(response.json) {
                    return .recipient(recipient)
                }
                return .failed(WAHAReceipt.outcome(ofQuestion: response))
            }
            guard exists else {
                let fault = ProviderFault(
                    provider: .waha, code: "not_on_whatsapp", title: "The number is not on WhatsApp", details: nil,
                    retryable: false)
                return .failed(.refused(fault, .fail))
            }
            let found = response.json?["chatId"]?.string.flatMap { WAHAChatID($0).recipient }
            return .recipient(found ?? recipient)
        }
    }

    /// The calls that send files take none (WAHA, "Send messages").
    package func takesPresetID(_ content: OutboundContent) -> Bool {
        switch content {
        case .text, .location: true
        case .media, .buttons, .list, .template: false
        }
    }

    package func place(_ file: OutboundFile, via access: ProviderAccess) async -> MediaPlacement { .withMessage }

    /// The address is built from what WAHA takes for its own, often `localhost`: only the path of it counts, at the
    /// server that the channel is set to.
    package func download(
        _ place: String, via access: ProviderAccess, patience: Duration
    ) async -> Result<HTTPClientStream, ProviderFault> {
        var base = Substring(access.baseURL)
        while base.last == "/" { base.removeLast() }
        guard let given = HTTPURL(place), let url = HTTPURL("\(base)\(given.target)") else {
            return .failure(Self.fault("The file's address is no URL"))
        }
        return await ProviderDownload.stream(
            url, fields: ["X-Api-Key": access.token], of: .waha, over: client, patience: patience)
    }

    package func send(_ send: OutboundSend, via access: ProviderAccess) async -> AttemptOutcome {
        guard let session = access.session else { return .notSent(Self.sessionMissing) }
        guard let chatID = WAHAChatID.text(for: send.recipient) else {
            return .refused(Self.fault("The recipient is known by a Cloud API id alone"), .fail)
        }
        guard let body = WAHAMessageBody(send, session: session, chatID: chatID) else {
            return .refused(Self.fault("WAHA cannot send this"), .fail)
        }
        var call = call("api/\(body.verb)", access)
        call.method = .post
        call.body = body.bytes
        call.upload = body.upload
        let deadlines = body.upload == nil ? deadlines : send.file?.deadlines ?? deadlines
        switch await call.response(from: access.baseURL, over: client, deadlines: deadlines) {
        case .failure(let error): return AttemptOutcome(error, of: .waha)
        case .success(let response):
            return WAHAReceipt.outcome(
                of: response, presetMessageID: send.presetMessageID, quoting: send.ownWords + [chatID])
        }
    }

    /// WAHA has none.
    package func listTemplates(
        via access: ProviderAccess, after cursor: String?
    ) async -> Result<TemplatePage, ProviderFault> {
        .success(TemplatePage(templates: [], next: nil, unreadable: 0))
    }

    package func sessionStatus(via access: ProviderAccess) async -> Result<ProviderSession, ProviderFault> {
        guard let session = access.session else { return .failure(Self.sessionMissing) }
        let call = call("api/sessions/\(HTTPURL.escape(session))", access)
        switch await call.response(from: access.baseURL, over: client, deadlines: deadlines) {
        case .failure(let error): return .failure(ProviderFault(error, of: .waha, isQuestion: true))
        case .success(let response):
            switch response.status {
            case 401, 403: return .success(ProviderSession(status: .authFailed, providerStatus: "UNAUTHORIZED"))
            case 404: return .success(ProviderSession(status: .notConnected, providerStatus: "NOT_FOUND"))
            default:
                guard response.isSuccess, let session = WAHASession.session(of: response.json) else {
                    return .failure(WAHAReceipt.unanswered(response))
                }
                return .success(session)
            }
        }
    }

    private func call(_ path: String, _ access: ProviderAccess) -> ProviderCall {
        ProviderCall(path: path, fields: ["X-Api-Key": access.token])
    }

    private static var sessionMissing: ProviderFault { fault("The instance has no session name") }

    private static func fault(_ title: String) -> ProviderFault {
        ProviderFault(provider: .waha, code: nil, title: title, details: nil, retryable: false)
    }
}
