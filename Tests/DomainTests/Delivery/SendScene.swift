import JSON

@testable import Domain

/// A contact with instances, threads and templates; a test changes what it is about.
struct SendScene {
    static let now = Timestamp(seconds: 1_795_000_000)

    static let cloud = instance(1, .cloudAPI, business: "waba-1", isPrimary: true)
    static let cloudTwin = instance(2, .cloudAPI, business: "waba-1")
    static let otherBusiness = instance(3, .cloudAPI, business: "waba-2")
    static let web = instance(4, .waha)

    var instances = [SendScene.cloud]
    var conversations: [Conversation] = []
    var phone: String? = "+5511987654321"
    var addresses: [Recipient] = []
    var consent = SendContext.Consent()
    var templates = [SendScene.template(1)]
    var replyTarget: SendContext.ReplyTarget?
    var mapped: [Template.ID: [MappedValue?]] = [:]

    var context: SendContext {
        SendContext(
            leadID: 12, contactID: 5, phone: phone, addresses: addresses, consent: consent, instances: instances,
            conversations: conversations, templates: templates,
            approvedTemplates: [("waba-1", 1), ("waba-2", 2), ("waba-1", 4)], replyTarget: replyTarget,
            mapped: mapped)
    }

    func judge(_ request: SendRequest) -> SendVerdict {
        SendDecision.judge(request, in: context, now: Self.now)
    }

    /// The contact wrote so long ago on the instance.
    mutating func wrote(_ ago: Duration, on instance: Instance, recipient: Recipient? = nil) {
        let time = Timestamp(microseconds: Self.now.microseconds - ago.microseconds)
        conversations.append(
            Conversation(
                id: Identifier(Int64(conversations.count + 7)), instanceID: instance.id, recipient: recipient,
                lastInboundAt: time, lastMessageAt: time))
    }

    static func instance(
        _ id: Int64, _ provider: Instance.Provider, business: String? = nil, isPrimary: Bool = false,
        status: Instance.Status = .connected
    ) -> Instance {
        Instance(
            id: Identifier(id), accountID: 1, provider: provider, displayName: "n", phoneNumber: "+5511400000\(id)",
            isPrimary: isPrimary, status: status, providerStatus: nil, businessAccountID: business,
            qualityRating: nil, messagingLimit: nil, lastInboundAt: nil)
    }

    static func template(
        _ id: Int64, business: String = "waba-1", name: String = "lembrete", language: String = "pt_BR",
        category: String = "UTILITY", status: Template.Status = .approved, instance: Int64? = nil
    ) -> Template {
        Template(
            id: Identifier(id), accountID: 1, businessAccountID: business, name: name, language: language,
            category: category, status: status, providerStatus: status.rawValue,
            instanceID: instance.map { Identifier($0) }, parameterFormat: .positional, labels: ["nome"],
            components: [["type": "BODY", "text": "Olá {{1}}, tudo bem?"]], qualityRating: nil, syncedAt: nil)
    }

    static func text(_ text: String = "oi", instance: Int64? = nil) -> SendRequest {
        SendRequest(content: .text(text), instanceID: instance.map { Identifier($0) })
    }

    static func template(_ choice: SendRequest.TemplateChoice, _ values: String..., instance: Int64? = nil)
        -> SendRequest
    {
        SendRequest(
            content: .template(.init(choice: choice, variables: .list(values.map { .text($0) }))),
            instanceID: instance.map { Identifier($0) })
    }
}

extension Identifier: ExpressibleByIntegerLiteral {
    package init(integerLiteral value: Int64) { self.init(value) }
}

extension SendVerdict {
    var codes: [String] { faults.map(\.code.rawValue) }
}
