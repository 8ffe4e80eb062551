import Domain
import JSON
import Postgres

/// How the inquiries of one moment are put together, and each is told its own.
extension SendContextStore {
    typealias Group = GroupedRequests<Inquiry, Findings>

    static let form = Group.Form(
        .read, steps: { inquiries in Part.parts(of: inquiries).map { $0.step(for: inquiries) } },
        answers: findings, mayShare: { $0.account == $1.account })

    /// One statement of the trip, asked if somebody needs it.
    fileprivate enum Part: CaseIterable {
        case leads, addresses, conversations, instances, templates, approved, media, replyTargets, keys

        static func parts(of inquiries: [Inquiry]) -> [Part] {
            allCases.filter { part in inquiries.contains(where: part.isNeeded) }
        }

        private func isNeeded(by inquiry: Inquiry) -> Bool {
            switch self {
            case .leads, .addresses, .conversations, .instances: true
            case .templates: !inquiry.choices.isEmpty
            case .approved: inquiry.request.content.needsOpenWindow
            case .media: !inquiry.request.storedMedia.isEmpty
            case .replyTargets: inquiry.request.replyTo != nil
            case .keys: inquiry.claim != nil
            }
        }

        func step(for inquiries: [Inquiry]) -> (Statement, [PostgresValue]) {
            let account: PostgresValue = inquiries.first.map { .id($0.account) } ?? .null
            let leads = { PostgresValue.ids(inquiries.map(\.lead)) }
            switch self {
            case .leads: return (selectLeads, [account, leads()])
            case .addresses: return (selectAddresses, [account, leads()])
            case .conversations: return (selectConversations, [account, leads()])
            case .instances: return (InstanceStore.selectAll, [account])
            case .templates:
                // One for all where many are sent the same.
                let choices = Set(inquiries.flatMap(\.choices))
                return (
                    selectTemplates,
                    [
                        account, .intArray(choices.compactMap(\.id?.rawValue)),
                        .textArray(choices.compactMap(\.name?.name)), .textArray(choices.compactMap(\.name?.language)),
                    ]
                )
            case .approved: return (selectApproved, [account])
            case .media:
                let named = Set(inquiries.flatMap(\.request.storedMedia))
                return (selectMedia, [account, .intArray(named.map(\.rawValue))])
            case .replyTargets:
                return (selectReplyTargets, [account, leads(), .ids(inquiries.map(\.request.replyTo))])
            case .keys:
                return (
                    selectKeys,
                    [
                        account, .textArray(inquiries.map { $0.claim?.route }),
                        .textArray(inquiries.map { $0.claim?.key }),
                    ]
                )
            }
        }
    }
}

extension SendContextStore.Inquiry {
    /// The templates that the request names.
    fileprivate var choices: [SendRequest.TemplateChoice] {
        var choices: [SendRequest.TemplateChoice] = []
        if case .template(let content) = request.content { choices.append(content.choice) }
        if let fallback = request.fallback { choices.append(fallback.choice) }
        return choices
    }
}

extension SendRequest.TemplateChoice {
    fileprivate var id: Template.ID? {
        guard case .id(let id) = self else { return nil }
        return id
    }

    fileprivate var name: (name: String, language: String)? {
        guard case .name(let name, let language) = self else { return nil }
        return (name, language)
    }

    fileprivate func names(_ template: Template) -> Bool {
        switch self {
        case .id(let id): template.id == id
        case .name(let name, let language): template.name == name && template.language == language
        }
    }
}

extension SendContextStore {
    /// What a trip brought for all of its inquiries.
    fileprivate struct Common {
        var instances: [Instance] = []
        var templates: [Template] = []
        /// Of those that have any.
        var mappings: [Template.ID: [VariableMapping?]] = [:]
        var approved: [(businessAccountID: String, id: Template.ID)] = []
        var media: [Medium] = []
    }

    /// What it brought for one of them.
    fileprivate struct Own {
        var lead: (contactID: Contact.ID, phone: String?, consent: SendContext.Consent)?
        var addresses: [Recipient] = []
        var conversations: [Conversation] = []
        var replyTarget: SendContext.ReplyTarget?
        var earlier: IdempotencyStore.Entry?
    }

    private static func findings(_ results: [PostgresRows], _ inquiries: [Inquiry]) throws -> [Findings] {
        var common = Common()
        var own = [Own](repeating: Own(), count: inquiries.count)
        for (part, rows) in zip(Part.parts(of: inquiries), results) {
            switch part {
            case .instances: common.instances = try rows.map(InstanceStore.instance)
            case .templates:
                common.templates = try rows.map(TemplateStore.template)
                common.mappings = try mappings(rows)
            case .approved: common.approved = try rows.map(approved)
            case .media: common.media = try rows.map { try MediaStore.entry($0).medium }
            case .leads, .addresses, .conversations, .replyTargets, .keys:
                for row in rows {
                    var reader = RowReader(row)
                    let place = Int(try reader.int()) - 1
                    guard own.indices.contains(place) else { throw StorageError.missing("an inquiry's place") }
                    try own[place].read(part, &reader)
                }
            }
        }
        return zip(inquiries, own).map { inquiry, own in
            let context = own.context(for: inquiry, common)
            var mappings: [Template.ID: [VariableMapping?]] = [:]
            if !common.mappings.isEmpty, let context {
                for template in context.templates { mappings[template.id] = common.mappings[template.id] }
            }
            return Findings(context: context, earlier: own.earlier, mappings: mappings)
        }
    }

    /// The trip for many at once, outside of any group.
    static func read(_ inquiries: [Inquiry], _ pool: PostgresPool) async throws -> [Findings] {
        let steps = Part.parts(of: inquiries).map { $0.step(for: inquiries) }
        return try findings(try await pool.read(steps), inquiries)
    }

    private static func mappings(_ rows: PostgresRows) throws -> [Template.ID: [VariableMapping?]] {
        var mappings: [Template.ID: [VariableMapping?]] = [:]
        for row in rows {
            let text = try row.text(TemplateStore.columnCount)
            guard text != "[]", let slots = try JSONParser.parse(Array(text.utf8)).array else { continue }
            mappings[Template.ID(try row.int(1))] = slots.map { VariableMapping(json: $0) }
        }
        return mappings
    }

    private static func approved(_ row: PostgresRow) throws -> (businessAccountID: String, id: Template.ID) {
        var reader = RowReader(row)
        return (businessAccountID: try reader.text(), id: try reader.id())
    }
}

extension SendContextStore.Own {
    fileprivate mutating func read(_ part: SendContextStore.Part, _ reader: inout RowReader) throws {
        switch part {
        case .leads:
            lead = (
                try reader.id(), try reader.textOrNil(),
                SendContext.Consent(stopped: try reader.bool(), marketingStopped: try reader.bool())
            )
        case .addresses: addresses.append(Recipient(kind: try reader.word(), value: try reader.text()))
        case .conversations: conversations.append(try Self.conversation(&reader))
        case .replyTargets:
            replyTarget = SendContext.ReplyTarget(
                conversationID: try reader.id(), instanceID: try reader.id(),
                providerMessageID: try reader.textOrNil())
        case .keys: earlier = try IdempotencyStore.entry(&reader)
        case .instances, .templates, .approved, .media: break
        }
    }

    private static func conversation(_ reader: inout RowReader) throws -> Conversation {
        let id: Conversation.ID = try reader.id()
        let instance: Instance.ID = try reader.id()
        let kind = try reader.textOrNil().flatMap(Recipient.Kind.init(rawValue:))
        let value = try reader.textOrNil()
        var recipient: Recipient?
        if let kind, let value { recipient = Recipient(kind: kind, value: value) }
        return Conversation(
            id: id, instanceID: instance, recipient: recipient, lastInboundAt: try reader.timestampOrNil(),
            lastMessageAt: try reader.timestamp(), tierCountedAt: try reader.timestampOrNil())
    }

    /// A key bound to instances sees only these, with their threads and the templates of their business accounts.
    fileprivate func context(
        for inquiry: SendContextStore.Inquiry, _ common: SendContextStore.Common
    ) -> SendContext? {
        guard let lead else { return nil }
        let choices = inquiry.choices
        var instances = common.instances
        var conversations = conversations
        var templates = common.templates.filter { template in choices.contains { $0.names(template) } }
        if inquiry.instances != nil {
            instances = instances.filter { inquiry.sees($0.id) }
            templates = templates.filter { template in
                instances.contains { $0.businessAccountID == template.businessAccountID }
            }
        }
        conversations = conversations.filter { thread in instances.contains { $0.id == thread.instanceID } }
        var approved: [(businessAccountID: String, id: Template.ID)] = []
        if inquiry.request.content.needsOpenWindow { approved = common.approved }
        let named = inquiry.request.storedMedia
        return SendContext(
            leadID: inquiry.lead, contactID: lead.contactID, phone: lead.phone, addresses: addresses,
            consent: lead.consent, instances: instances, conversations: conversations, templates: templates,
            approvedTemplates: approved, replyTarget: replyTarget,
            media: common.media.filter { named.contains($0.id) && inquiry.sees($0) })
    }
}
