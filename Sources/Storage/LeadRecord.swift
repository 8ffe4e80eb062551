package import Domain
package import JSON
import Postgres

/// What every read of a lead selects, in this order.
package enum LeadColumn: Int, Sendable, CaseIterable {
    case id, contactID, externalID, name, phone, email, company, birthday, value, currency, source, status, tags
    case stageID, stageName, pipelineID, pipelineName, assignedTo, notes
    case utmSource, utmMedium, utmCampaign, utmTerm, utmContent
    case customFields, lostReasonID, wonAt, lostAt, optedOut, createdAt, updatedAt, version

    /// From the lead `l`, its contact `c`, its stage `s` and its pipeline `p`.
    var sql: String {
        switch self {
        case .id: "l.id"
        case .contactID: "l.contact_id"
        case .externalID: "l.external_id"
        case .name: "l.name"
        case .phone: "c.phone"
        case .email: "c.email"
        case .company: "c.company"
        case .birthday: "c.birthday"
        case .value: "l.value_minor"
        case .currency: "l.currency"
        case .source: "l.source"
        case .status: "CASE WHEN l.archived_at IS NULL THEN l.status ELSE 'archived' END"
        case .tags: "l.tags"
        case .stageID: "l.stage_id"
        case .stageName: "s.name"
        case .pipelineID: "l.pipeline_id"
        case .pipelineName: "p.name"
        case .assignedTo: "l.assigned_to"
        case .notes: "l.notes"
        case .utmSource: "l.utm_source"
        case .utmMedium: "l.utm_medium"
        case .utmCampaign: "l.utm_campaign"
        case .utmTerm: "l.utm_term"
        case .utmContent: "l.utm_content"
        case .customFields: "l.custom_fields"
        case .lostReasonID: "l.lost_reason_id"
        case .wonAt: "l.won_at"
        case .lostAt: "l.lost_at"
        case .optedOut: "c.opted_out_at IS NOT NULL"
        case .createdAt: "l.created_at"
        case .updatedAt: "l.updated_at"
        case .version: "l.version"
        }
    }
}

/// A lead as the database told it; its fields are read when they are asked for.
package struct LeadRecord: Sendable {
    let row: PostgresRow

    init(_ row: PostgresRow) { self.row = row }

    package var id: Lead.ID {
        get throws { Lead.ID(try row.int(LeadColumn.id.rawValue)) }
    }

    package func text(_ column: LeadColumn) throws -> String? { try row.textOrNil(column.rawValue) }

    /// Writes the members of the shape; the object around them is the caller's.
    package func write(_ shape: RowShape<LeadColumn>, to json: inout JSONWriter) { shape.write(row, to: &json) }
}
