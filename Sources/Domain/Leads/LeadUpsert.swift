import JSON

/// Brings the leads of another system into step with ours: for each of its leads finds ours, or makes one, and says what
/// became of it. A value: it takes what is known and returns what is to be written.
package struct LeadUpsert: Sendable {
    package enum Outcome: String, Sendable, CaseIterable { case created, updated, unchanged, conflict, invalid, erased }

    package enum Fault: Error, Sendable, Hashable {
        /// The address is a contact's, the lead or another address another's.
        case identifierConflict(ContactIdentifier.Kind, Contact.ID)
        /// The lead that has the external id is archived.
        case archived(Lead.ID)
        /// The lead itself is archived.
        case ownArchived(Lead.ID)
        /// Another lead has the external id.
        case externalIDTaken(Lead.ID)
        /// A new lead of somebody who has no name yet.
        case nameless
        case rules(LeadRules.Fault)
        /// The identifier is an erased person's.
        case erased(ContactIdentifier.Kind)
    }

    /// By what a lead was found.
    package enum Match: String, Sendable, CaseIterable {
        case id, phone, lid, bsuid, email
        case waID = "wa_id"
        case externalID = "external_id"

        init(_ kind: ContactIdentifier.Kind) {
            switch kind {
            case .phone: self = .phone
            case .waID: self = .waID
            case .lid: self = .lid
            case .bsuid: self = .bsuid
            case .email: self = .email
            case .externalID: self = .externalID
            }
        }
    }

    package struct Verdict: Sendable {
        package var outcome: Outcome
        /// Provisional while it is below zero: the lead is yet to be made.
        package var lead: Lead.ID?
        package var contact: Contact.ID?
        package var matchedOn: Match?
        package var fault: Fault?
        /// Keys of custom fields that there are none of.
        package var ignored: [String]

        package init(
            outcome: Outcome, lead: Lead.ID? = nil, contact: Contact.ID? = nil,
            matchedOn: Match? = nil, fault: Fault? = nil, ignored: [String] = []
        ) {
            self.ignored = ignored
            self.outcome = outcome
            self.lead = lead
            self.contact = contact
            self.matchedOn = matchedOn
            self.fault = fault
        }
    }

    /// An identifier with the kinds put together that name the same thing.
    package struct Key: Sendable, Hashable {
        let kind: ContactIdentifier.Kind
        let matchKey: String

        package init(kind: ContactIdentifier.Kind, matchKey: String) {
            self.kind = kind == .waID ? .phone : kind
            self.matchKey = matchKey
        }

        init(_ identifier: ContactIdentifier) { self.init(kind: identifier.kind, matchKey: identifier.matchKey) }
    }

    private let blank: Lead
    package let rules: LeadRules
    private var owners: [Key: Contact.ID]
    private var externals: [String: Lead.ID] = [:]
    private var leadsOf: [Contact.ID: [Lead.ID]] = [:]
    private var lastProvisional: Int64 = 0

    /// What was there, and what is to be there; new ones have an id below zero.
    package private(set) var contactsBefore: [Contact.ID: Contact] = [:]
    package private(set) var contacts: [Contact.ID: Contact] = [:]
    package private(set) var leadsBefore: [Lead.ID: Lead] = [:]
    package private(set) var leads: [Lead.ID: Lead] = [:]

    /// - Parameters:
    ///   - owners: whose the identifiers are that the leads name.
    ///   - leads: those with the external ids that are named, and the open ones of the contacts.
    ///   - blank: what a lead is before anything is said of it.
    package init(
        owners: [Key: Contact.ID], contacts: [Contact], leads: [Lead], rules: LeadRules, blank: Lead
    ) {
        self.owners = owners
        self.rules = rules
        self.blank = blank
        for contact in contacts { (contactsBefore[contact.id], self.contacts[contact.id]) = (contact, contact) }
        for lead in leads {
            (leadsBefore[lead.id], self.leads[lead.id]) = (lead, lead)
            register(lead)
        }
    }

    private mutating func register(_ lead: Lead) {
        if let externalID = lead.externalID { externals[externalID] = lead.id }
        if leadsOf[lead.contactID]?.contains(lead.id) != true { leadsOf[lead.contactID, default: []].append(lead.id) }
    }

    /// Takes in one lead of the other system; nothing of a refused one stays.
    package mutating func take(_ patch: LeadPatch) -> Verdict {
        do throws(Fault) {
            return try accept(patch)
        } catch {
            let isConflict: Bool
            switch error {
            case .identifierConflict, .archived, .ownArchived, .externalIDTaken, .rules(.blocked): isConflict = true
            case .nameless, .rules(.invalid), .erased: isConflict = false
            }
            return Verdict(outcome: isConflict ? .conflict : .invalid, fault: error)
        }
    }

    private mutating func accept(_ patch: LeadPatch) throws(Fault) -> Verdict {
        let named = patch.identifiers
        let own = try ownLead(patch)
        let byExternal = try leadByExternalID(patch)
        if let own, let byExternal, own.id != byExternal.id { throw .externalIDTaken(byExternal.id) }
        let known = own ?? byExternal
        let owner = try self.owner(of: named, lead: known)
        let match = known ?? owner.flatMap { openLead(of: $0.contact, for: patch) }
        guard let match else { return try make(patch, owner: owner) }

        let change = try changed(match, by: patch)
        let lead = change.lead
        let isNews = !LeadChanges(from: match, to: lead).isEmpty
        if isNews { store(lead) }
        return Verdict(
            outcome: isNews ? .updated : .unchanged, lead: lead.id, contact: lead.contactID,
            matchedOn: own != nil ? .id : byExternal != nil ? .externalID : owner.map { Match($0.kind) },
            ignored: change.ignored)
    }

    // MARK: Finding

    private func ownLead(_ patch: LeadPatch) throws(Fault) -> Lead? {
        guard let own = patch.own, let lead = leads[own.id], own.names(lead) else { return nil }
        guard lead.status != .archived else { throw .ownArchived(lead.id) }
        return shown(lead)
    }

    private func leadByExternalID(_ patch: LeadPatch) throws(Fault) -> Lead? {
        guard case .set(let id?) = patch.externalID, let lead = externals[id].flatMap({ leads[$0] }) else { return nil }
        guard lead.status != .archived else { throw .archived(lead.id) }
        return shown(lead)
    }

    /// The lead as its contact shows on it now.
    private func shown(_ lead: Lead) -> Lead { contacts[lead.contactID].map { lead.showing($0) } ?? lead }

    /// The one contact that all of it names.
    private func owner(
        of named: [ContactIdentifier], lead: Lead?
    ) throws(Fault) -> (contact: Contact.ID, kind: ContactIdentifier.Kind)? {
        let found = named.compactMap { identifier in
            owners[Key(identifier)].map { (contact: $0, kind: identifier.kind) }
        }
        let expected = lead?.contactID ?? found.first?.contact
        if let other = found.first(where: { $0.contact != expected }) {
            throw .identifierConflict(other.kind, other.contact)
        }
        return found.first
    }

    /// The one that was changed last, of those in the pipeline that is named if there is one. A lead that the other
    /// system knows by another id is another deal.
    private func openLead(of contact: Contact.ID, for patch: LeadPatch) -> Lead? {
        var externalID: String?
        if case .set(let id) = patch.externalID { externalID = id }
        let open = (leadsOf[contact] ?? []).compactMap { leads[$0] }.filter {
            $0.status == .open && (externalID == nil || $0.externalID == nil)
        }
        let wanted =
            patch.pipelineID
            ?? patch.stageID.flatMap { id in rules.pipelines.first { $0.stages.contains { $0.id == id } }?.id }
        let inPipeline = open.filter { $0.pipeline?.id == wanted?.rawValue }
        return (inPipeline.isEmpty ? open : inPipeline)
            .max { ($0.updatedAt, $0.id) < ($1.updatedAt, $1.id) }.map(shown)
    }

    // MARK: Writing

    private func changed(_ lead: Lead, by given: LeadPatch) throws(Fault) -> LeadRules.Changed {
        do throws(LeadRules.Fault) {
            return try rules.changed(lead, by: withoutKnown(given, of: lead))
        } catch {
            throw .rules(error)
        }
    }

    /// By an address that is the contact's already it was found: another form of it, or one beside the main one, is no
    /// news; nor is the value that a custom field has, be the field out of use by now.
    private func withoutKnown(_ given: LeadPatch, of lead: Lead) -> LeadPatch {
        var patch = given
        if case .set(let phone?) = given.phone, lead.phone != nil,
            owners[Key(kind: .phone, matchKey: phone.matchKey)] == lead.contactID
        {
            patch.phone = .keep
        }
        if case .set(let email?) = given.email, lead.email != nil,
            owners[Key(kind: .email, matchKey: email.matchKey)] == lead.contactID
        {
            patch.email = .keep
        }
        if lead.stage != nil, let kept = lead.customFields.object {
            patch.customFields.members.removeAll { kept[$0.key] == $0.value }
        }
        return patch
    }

    private mutating func make(
        _ patch: LeadPatch, owner: (contact: Contact.ID, kind: ContactIdentifier.Kind)?
    ) throws(Fault) -> Verdict {
        let contact = owner.flatMap { contacts[$0.contact] } ?? Contact(id: Contact.ID(lastProvisional - 1))
        let change = try changed(blank.showing(contact), by: patch)
        var lead = change.lead
        lead.id = Lead.ID(lastProvisional - 2)
        if lead.name.isEmpty { lead.name = contact.name ?? "" }
        guard !lead.name.isEmpty else { throw .nameless }
        lastProvisional -= 2
        if owner == nil { contacts[contact.id] = Contact(id: contact.id, name: lead.name) }
        store(lead)
        return Verdict(
            outcome: .created, lead: lead.id, contact: lead.contactID, matchedOn: owner.map { Match($0.kind) },
            ignored: change.ignored)
    }

    private mutating func store(_ lead: Lead) {
        if let before = leads[lead.id]?.externalID, before != lead.externalID { externals[before] = nil }
        leads[lead.id] = lead
        register(lead)
        guard let contact = contacts[lead.contactID] else { return }
        let after = contact.showing(lead)
        contacts[after.id] = after
        for identifier in contact.identifiers { owners[Key(identifier)] = nil }
        for identifier in after.identifiers { owners[Key(identifier)] = after.id }
    }

    /// The leads as they show now, whatever a later one said of their contact.
    package var results: [Lead.ID: Lead] { leads.mapValues(shown) }
}
