import JSON
import Storage

extension RowShape where Column == LeadColumn {
    /// The lead, without what `include` adds.
    static let lead = RowShape([
        .literal("id", .id), .literal("contact_id", .contactID), .text("external_id", .externalID),
        .text("name", .name), .text("phone", .phone), .text("email", .email), .text("company", .company),
        .text("birthday", .birthday), .money("value", .value, currency: .currency), .text("currency", .currency),
        .text("source", .source), .text("status", .status), .texts("tags", .tags),
        .literal("pipeline_id", .pipelineID), .literal("stage_id", .stageID),
        .object("stage", .stageID, [.literal("id", .stageID), .text("name", .stageName)]),
        .object("pipeline", .pipelineID, [.literal("id", .pipelineID), .text("name", .pipelineName)]),
        .literal("assigned_to", .assignedTo), .text("notes", .notes),
        .text("utm_source", .utmSource), .text("utm_medium", .utmMedium), .text("utm_campaign", .utmCampaign),
        .text("utm_term", .utmTerm), .text("utm_content", .utmContent), .literal("custom_fields", .customFields),
        .literal("lost_reason_id", .lostReasonID), .instant("won_at", .wonAt), .instant("lost_at", .lostAt),
        .boolean("opted_out", .optedOut), .instant("created_at", .createdAt), .instant("updated_at", .updatedAt),
        .literal("version", .version),
    ])
}

extension JSONWriter {
    mutating func lead(_ lead: LeadRecord) {
        beginObject()
        lead.write(.lead, to: &self)
        endObject()
    }
}
