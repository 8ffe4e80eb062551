import Crypto
import Delivery
import Domain
import JSON
import Storage

/// What the demo begins with. Every step asks first what is there, so that a seeding that was cut off is completed.
struct DemoSeed: Sendable {
    let database: Database
    let secrets: ChannelSecrets
    let channels: DemoChannels
    let simulatorURL: String

    private static let graphVersion = "v23.0"
    /// Nobody who tries it is stopped at so many contacts a day.
    private static let messagingLimit = "TIER_UNLIMITED"

    /// The two accounts.
    func plant() async throws -> (demo: Account.ID, other: Account.ID) {
        let now = Timestamp.current
        let accounts = try await database.accounts.all()
        let demo = try await account("Demo", among: accounts, now)
        let other = try await account("Outra Conta", among: accounts, now)
        let cloudHash = SHA256.digest(Array(channels.cloudHookToken.utf8))
        let wahaHash = SHA256.digest(Array(channels.wahaHookToken.utf8))
        let cloudHook = try await database.hooks.create(
            .cloudAPI, tokenHash: cloudHash,
            sealedSecrets: secrets.sealHook(channels.cloudHook, tokenHash: cloudHash), now: now)
        let wahaHook = try await database.hooks.create(
            .waha, tokenHash: wahaHash, sealedSecrets: secrets.sealHook(channels.wahaHook, tokenHash: wahaHash),
            now: now)
        try await instances(of: demo, cloudHook: cloudHook, wahaHook: wahaHook, now)
        try await otherInstance(of: other, hook: cloudHook, now)
        for account in [demo, other] { try await pipeline(of: account, now) }
        try await leads(DemoLeads.all, of: demo, now)
        try await leads(DemoLeads.other, of: other, now)
        return (demo, other)
    }

    private func account(_ name: String, among accounts: [Account], _ now: Timestamp) async throws -> Account.ID {
        if let known = accounts.first(where: { $0.name == name }) { return known.id }
        return try await database.accounts.create(
            .init(
                name: name, locale: "pt-BR", timezone: "America/Sao_Paulo", defaultCountry: "BR", currency: "BRL"),
            now: now
        ).id
    }

    private func instances(
        of account: Account.ID, cloudHook: Int64, wahaHook: Int64, _ now: Timestamp
    ) async throws {
        let known = try await database.instances.all(of: account)
        if !known.contains(where: { $0.provider == .waha }) {
            _ = try await database.instances.create(
                .init(
                    provider: .waha, displayName: "Número principal", phoneNumber: channels.session.phone,
                    isPrimary: true, status: .connected, baseURL: simulatorURL, apiVersion: nil,
                    businessAccountID: nil, providerKey: channels.session.name,
                    sealedSecrets: secrets.sealInstance(
                        token: channels.session.apiKey, account: account.rawValue,
                        providerKey: channels.session.name),
                    hookID: wahaHook, qualityRating: nil, messagingLimit: nil),
                for: account, now: now)
        }
        if !known.contains(where: { $0.provider == .cloudAPI }) {
            try await cloudInstance(
                "API Oficial", channels.official, isPrimary: false, of: account, hook: cloudHook, now)
        }
        let all = try await database.instances.all(of: account)
        for instance in all {
            try await database.instances.setBaseURL(simulatorURL, of: instance.id, account: account, now: now)
            // As earlier versions planted it, when nothing was counted.
            if instance.messagingLimit == "TIER_1K", let business = instance.businessAccountID {
                try await database.instances.setMessagingLimit(
                    Self.messagingLimit, ofBusiness: business, account: account, now: now)
            }
        }
        guard let official = all.first(where: { $0.provider == .cloudAPI }) else { return }
        try await templates(DemoTemplates.all, channels.official, official.id, of: account, now)
    }

    private func otherInstance(of account: Account.ID, hook: Int64, _ now: Timestamp) async throws {
        if try await database.instances.all(of: account).isEmpty {
            try await cloudInstance("Outro número", channels.other, isPrimary: true, of: account, hook: hook, now)
        }
        for instance in try await database.instances.all(of: account) {
            try await database.instances.setBaseURL(simulatorURL, of: instance.id, account: account, now: now)
            try await templates(DemoTemplates.other, channels.other, instance.id, of: account, now)
        }
    }

    private func cloudInstance(
        _ name: String, _ number: DemoChannels.Number, isPrimary: Bool, of account: Account.ID, hook: Int64,
        _ now: Timestamp
    ) async throws {
        _ = try await database.instances.create(
            .init(
                provider: .cloudAPI, displayName: name, phoneNumber: number.phone, isPrimary: isPrimary,
                status: .connected, baseURL: simulatorURL, apiVersion: Self.graphVersion,
                businessAccountID: number.businessAccountID, providerKey: number.phoneNumberID,
                sealedSecrets: secrets.sealInstance(
                    token: number.token, account: account.rawValue, providerKey: number.phoneNumberID),
                hookID: hook, qualityRating: "GREEN", messagingLimit: Self.messagingLimit, throughput: 1000),
            for: account, now: now)
    }

    private func templates(
        _ templates: [DemoTemplate], _ number: DemoChannels.Number, _ instance: Instance.ID,
        of account: Account.ID, _ now: Timestamp
    ) async throws {
        var filter = TemplateStore.Filter()
        filter.businessAccountIDs = [number.businessAccountID]
        let known = Set(try await database.templates.list(filter, of: account).map { "\($0.name) \($0.language)" })
        for template in templates where !known.contains("\(template.name) \(template.language)") {
            _ = try await database.templates.upsert(
                .init(
                    businessAccountID: number.businessAccountID, name: template.name, language: template.language,
                    category: template.category, status: template.status, providerStatus: template.status.rawValue,
                    instanceID: instance, providerTemplateID: template.providerID,
                    parameterFormat: template.format, labels: template.labels, components: template.components,
                    qualityRating: template.quality),
                of: account, now: now)
        }
    }

    private func pipeline(of account: Account.ID, _ now: Timestamp) async throws {
        guard try await database.pipelines.all(of: account).isEmpty else { return }
        _ = try await database.write(by: Actor(account: account, apiKeyID: nil, requestID: nil), now: now) { write in
            try await database.pipelines.insert(
                "Vendas",
                stages: [
                    .init(name: "Novo"), .init(name: "Qualificado", color: "#3b82f6"),
                    .init(name: "Proposta", color: "#f59e0b"), .init(name: "Ganho", color: "#22c55e", isWon: true),
                    .init(name: "Perdido", color: "#ef4444", isLost: true),
                ], in: write)
        }
    }

    private func leads(_ leads: [DemoLead], of account: Account.ID, _ now: Timestamp) async throws {
        let known = try await database.run(database.leads.list(.init(), of: account, before: nil, limit: 500))
        let names = Set(try known.map { try $0.text(.name) })
        for lead in leads where !names.contains(lead.name) {
            var new = LeadPatch()
            new.name = .set(lead.name)
            new.phone = .set(lead.phone.flatMap { PhoneNumber($0, defaultCountry: "BR") })
            new.email = .set(lead.email.flatMap { EmailAddress($0) })
            new.company = .set(lead.company)
            new.value = .set(lead.value.map { JSONNumber(minorUnits: $0, scale: 2) })
            new.source = .set(lead.source)
            new.tags = .set(lead.tags)
            _ = try await database.write(by: Actor(account: account, apiKeyID: nil, requestID: nil), now: now) {
                try await database.leads.create(new, currency: "BRL", in: $0).record
            }
        }
    }
}
