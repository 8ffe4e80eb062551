package import Domain
package import HTTP
import JSON

/// Meta's Cloud API.
package struct CloudAPIProvider: MessagingProvider {
    private let client: HTTPClient
    private let deadlines: HTTPClientRequest.Deadlines

    package init(client: HTTPClient, deadlines: HTTPClientRequest.Deadlines = HTTPClientRequest.Deadlines()) {
        self.client = client
        self.deadlines = deadlines
    }

    package func presetMessageID(via access: ProviderAccess) async -> PresetMessageID { .none }

    /// Meta resolves the number while sending, and says so in the answer.
    package func resolveAddress(of recipient: Recipient, via access: ProviderAccess) async -> AddressResolution {
        .recipient(recipient)
    }

    /// Meta makes its own ids.
    package func takesPresetID(_ content: OutboundContent) -> Bool { false }

    /// `POST /{phone number id}/media` (Meta, "Media"): the id lives 30 days, for this number alone.
    package func place(_ file: OutboundFile, via access: ProviderAccess) async -> MediaPlacement {
        guard let phoneNumberID = access.phoneNumberID else {
            return .failed(.notSent(Self.fault("The instance has no phone number id")))
        }
        let form = CloudAPIMediaForm(file)
        var call = call("\(HTTPURL.escape(phoneNumberID))/media", access)
        call.method = .post
        call.contentType = form.contentType
        call.upload = file.upload(after: form.head, before: form.tail)
        switch await call.response(from: access.baseURL, over: client, deadlines: file.deadlines) {
        case .failure(let error): return .failed(.notSent(ProviderFault(error, of: .cloudAPI, isQuestion: true)))
        case .success(let response): return CloudAPIReceipt.placement(of: response, quoting: [file.filename])
        }
    }

    /// In two steps: the id gives an address that is good for five minutes, and opens under the token alone.
    package func download(
        _ place: String, via access: ProviderAccess, patience: Duration
    ) async -> Result<HTTPClientStream, ProviderFault> {
        switch await read(call(HTTPURL.escape(place), access), access) {
        case .failure(let fault): return .failure(fault)
        case .success(let response):
            guard let url = response.json?["url"]?.string.flatMap(HTTPURL.init) else {
                return .failure(Self.unreadable(response))
            }
            // The token goes to nobody but Meta.
            guard CloudAPIMediaHost.isMetas(url, of: access) else {
                return .failure(Self.fault("The file is not at an address of Meta's"))
            }
            return await ProviderDownload.stream(
                url, fields: ["Authorization": "Bearer \(access.token)"], of: .cloudAPI, over: client,
                patience: patience)
        }
    }

    package func send(_ send: OutboundSend, via access: ProviderAccess) async -> AttemptOutcome {
        guard let phoneNumberID = access.phoneNumberID else {
            return .notSent(Self.fault("The instance has no phone number id"))
        }
        guard let body = CloudAPIMessageBody.bytes(of: send) else {
            return .refused(Self.fault("The recipient is known by a WAHA id alone"), .fail)
        }
        var call = call("\(HTTPURL.escape(phoneNumberID))/messages", access)
        call.method = .post
        call.body = body
        switch await call.response(from: access.baseURL, over: client, deadlines: deadlines) {
        case .success(let response): return CloudAPIReceipt.outcome(of: response, quoting: send.ownWords)
        case .failure(let error): return AttemptOutcome(error, of: .cloudAPI)
        }
    }

    package func listTemplates(
        via access: ProviderAccess, after cursor: String?
    ) async -> Result<TemplatePage, ProviderFault> {
        guard let account = access.businessAccountID else {
            return .failure(Self.fault("The instance has no business account id"))
        }
        let after = cursor.map { "&after=\(HTTPURL.escape($0))" } ?? ""
        var call = call(
            "\(HTTPURL.escape(account))/message_templates?fields=\(CloudAPITemplateList.fields)&limit=100\(after)",
            access)
        call.maximumResponseBody = 8 * 1024 * 1024
        return await read(call, access).flatMap { response in
            CloudAPITemplateList.page(of: response.json).map { .success($0) } ?? .failure(Self.unreadable(response))
        }
    }

    package func sessionStatus(via access: ProviderAccess) async -> Result<ProviderSession, ProviderFault> {
        guard let phoneNumberID = access.phoneNumberID else {
            return .failure(Self.fault("The instance has no phone number id"))
        }
        let path = "\(HTTPURL.escape(phoneNumberID))?fields=\(CloudAPIPhoneNumber.fields)"
        switch await call(path, access).response(from: access.baseURL, over: client, deadlines: deadlines) {
        case .failure(let error): return .failure(ProviderFault(error, of: .cloudAPI, isQuestion: true))
        case .success(let response):
            if let error = CloudAPIError(envelope: response.json) {
                guard error.code.disposition == .holdInstance else { return .failure(error.fault()) }
                return .success(ProviderSession(status: .authFailed, providerStatus: error.code.description))
            }
            guard response.isSuccess, let session = CloudAPIPhoneNumber.session(of: response.json) else {
                return .failure(Self.unreadable(response))
            }
            return .success(session)
        }
    }

    private func call(_ path: String, _ access: ProviderAccess) -> ProviderCall {
        ProviderCall(
            path: "\(HTTPURL.escape(access.apiVersion))/\(path)", fields: ["Authorization": "Bearer \(access.token)"])
    }

    private func read(_ call: ProviderCall, _ access: ProviderAccess) async -> Result<ProviderResponse, ProviderFault> {
        switch await call.response(from: access.baseURL, over: client, deadlines: deadlines) {
        case .failure(let error): return .failure(ProviderFault(error, of: .cloudAPI, isQuestion: true))
        case .success(let response):
            if let error = CloudAPIError(envelope: response.json) { return .failure(error.fault()) }
            return response.isSuccess ? .success(response) : .failure(Self.unreadable(response))
        }
    }

    private static func unreadable(_ response: ProviderResponse) -> ProviderFault {
        ProviderFault(
            provider: .cloudAPI, code: nil, title: "An answer that says nothing", details: "HTTP \(response.status)",
            retryable: response.status >= 500 || response.status == 429)
    }

    private static func fault(_ title: String) -> ProviderFault {
        ProviderFault(provider: .cloudAPI, code: nil, title: title, details: nil, retryable: false)
    }
}
