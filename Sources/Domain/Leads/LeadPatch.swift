package import JSON

/// What a write says of a lead: the fields that it names, and nothing of the others.
package struct LeadPatch: Sendable {
    package var name: Change<String> = .keep
    package var externalID: Change<String?> = .keep
    package var phone: Change<PhoneNumber?> = .keep
    package var email: Change<EmailAddress?> = .keep
    package var company: Change<String?> = .keep
    /// `YYYY-MM-DD`.
    package var birthday: Change<String?> = .keep
    /// In units of the currency, as it is written.
    package var value: Change<JSONNumber?> = .keep
    package var currency: Change<String> = .keep
    package var source: Change<String?> = .keep
    package var tags: Change<[String]> = .keep
    package var assignedTo: Change<Int64?> = .keep
    package var notes: Change<String?> = .keep
    package var utmSource: Change<String?> = .keep
    package var utmMedium: Change<String?> = .keep
    package var utmCampaign: Change<String?> = .keep
    package var utmTerm: Change<String?> = .keep
    package var utmContent: Change<String?> = .keep
    /// Merged into what is there; null takes a field away.
    package var customFields = JSONObject()
    package var pipelineID: Pipeline.ID?
    package var stageID: Stage.ID?
    /// The lead itself, as an export names it.
    package var own: Own?

    package init() {}

    /// One of our leads, by what only that lead has: an id alone may be that of another lead in another installation.
    package struct Own: Sendable, Hashable {
        package let id: Lead.ID
        /// Cut to milliseconds; nil where the id was given alone.
        package let createdAt: Timestamp?

        package init(id: Lead.ID, createdAt: Timestamp?) {
            self.id = id
            self.createdAt = createdAt
        }

        func names(_ lead: Lead) -> Bool { createdAt.map { $0.text == lead.createdAt.text } ?? true }
    }

    /// Why the fields cannot be as they are asked for.
    package enum Fault: Error, Sendable, Hashable {
        /// The amount has more decimals than the currency, or is too large.
        case amount(currency: String)
        /// The amount that stands cannot be told in the new currency.
        case currency(String)
    }

    /// The lead with these fields; stage and pipeline are moved by `LeadMove`.
    package func applied(to lead: Lead) throws(Fault) -> Lead {
        var new = lead
        new.name = name.applied(to: lead.name)
        new.externalID = externalID.applied(to: lead.externalID)
        if case .set(let phone) = phone { new.phone = phone?.e164 }
        if case .set(let email) = email { new.email = email?.text }
        new.company = company.applied(to: lead.company)
        new.birthday = birthday.applied(to: lead.birthday)
        new.currency = currency.applied(to: lead.currency)
        new.valueMinor = try minorUnits(of: lead, in: new.currency)
        new.source = source.applied(to: lead.source)
        new.tags = tags.applied(to: lead.tags)
        new.assignedTo = assignedTo.applied(to: lead.assignedTo)
        new.notes = notes.applied(to: lead.notes)
        new.utm.source = utmSource.applied(to: lead.utm.source)
        new.utm.medium = utmMedium.applied(to: lead.utm.medium)
        new.utm.campaign = utmCampaign.applied(to: lead.utm.campaign)
        new.utm.term = utmTerm.applied(to: lead.utm.term)
        new.utm.content = utmContent.applied(to: lead.utm.content)
        new.customFields = merged(into: lead.customFields)
        return new
    }

    /// What it names its contact by.
    package var identifiers: [ContactIdentifier] {
        var contact = Contact(id: Contact.ID(0))
        if case .set(let phone) = phone { contact.phone = phone?.e164 }
        if case .set(let email) = email { contact.email = email?.text }
        return contact.identifiers
    }

    private func minorUnits(of lead: Lead, in currency: String) throws(Fault) -> Int64? {
        let decimals = Currency.decimals(of: currency)
        switch value {
        case .set(nil): return nil
        case .set(let amount?):
            guard let minor = amount.minorUnits(scale: decimals) else { throw .amount(currency: currency) }
            return minor
        case .keep:
            guard currency != lead.currency, let amount = lead.amount else { return lead.valueMinor }
            guard let minor = amount.minorUnits(scale: decimals) else { throw .currency(currency) }
            return minor
        }
    }

    private func merged(into fields: JSONValue) -> JSONValue {
        guard !customFields.isEmpty else { return fields }
        var merged = fields.object ?? JSONObject()
        for field in customFields.members {
            merged[field.key] = field.value.isNull ? Optional.none : field.value
        }
        return .object(merged)
    }
}

extension Lead {
    /// The value in units of the currency.
    package var amount: JSONNumber? {
        valueMinor.map { JSONNumber(minorUnits: $0, scale: Currency.decimals(of: currency)) }
    }
}
