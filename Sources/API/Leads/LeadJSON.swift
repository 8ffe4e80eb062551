import Domain
import JSON

extension JSONWriter {
    mutating func lead(_ lead: Lead) {
        beginObject()
        member("id", lead.id.rawValue)
        member("contact_id", lead.contactID.rawValue)
        member("external_id", lead.externalID)
        member("name", lead.name)
        member("phone", lead.phone)
        member("email", lead.email)
        member("company", lead.company)
        member("birthday", lead.birthday)
        member("value", minorUnits: lead.valueMinor, scale: Currency.decimals(of: lead.currency))
        member("currency", lead.currency)
        member("source", lead.source)
        member("status", lead.status.rawValue)
        member("tags", lead.tags)
        member("pipeline_id", lead.pipeline?.id)
        member("stage_id", lead.stage?.id)
        reference("stage", lead.stage)
        reference("pipeline", lead.pipeline)
        member("assigned_to", lead.assignedTo)
        member("notes", lead.notes)
        member("utm_source", lead.utm.source)
        member("utm_medium", lead.utm.medium)
        member("utm_campaign", lead.utm.campaign)
        member("utm_term", lead.utm.term)
        member("utm_content", lead.utm.content)
        member("custom_fields", lead.customFields)
        member("lost_reason_id", lead.lostReasonID)
        member("won_at", lead.wonAt?.text)
        member("lost_at", lead.lostAt?.text)
        member("opted_out", lead.optedOut)
        member("created_at", lead.createdAt.text)
        member("updated_at", lead.updatedAt.text)
        member("version", lead.version)
        endObject()
    }

    private mutating func reference(_ key: StaticString, _ reference: Lead.Reference?) {
        self.key(key)
        guard let reference else { return null() }
        beginObject()
        member("id", reference.id)
        member("name", reference.name)
        endObject()
    }
}
