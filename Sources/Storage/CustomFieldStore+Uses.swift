package import Domain
import JSON
import Postgres

/// What would miss a custom field.
package struct CustomFieldUses: Sendable {
    /// Leads with a value, archived ones among them.
    package var leads: Int
    /// Templates whose slots it fills, by id and name.
    package var templates: [Lead.Reference]

    package var isEmpty: Bool { leads == 0 && templates.isEmpty }
}

@PostgresActor
extension CustomFieldStore {
    nonisolated static let countLeads = Statement(
        "custom_field_leads", "SELECT count(*) FROM leads WHERE account_id = $1 AND custom_fields ? $2")

    nonisolated static let selectTemplates = Statement(
        "custom_field_templates",
        """
        SELECT id, name FROM templates
        WHERE account_id = $1 AND mappings @> jsonb_build_array(jsonb_build_object('source', $2::text))
        ORDER BY id
        """)

    package func uses(of field: CustomField, in write: WriteTransaction) async throws -> CustomFieldUses {
        let results = try await write.transaction.query([
            (Self.countLeads, [.id(write.account), .text(field.name)]),
            (Self.selectTemplates, [.id(write.account), .text(field.mappingSource)]),
        ])
        return CustomFieldUses(
            leads: Int(try results[0].first?.int(0) ?? 0),
            templates: try results[1].map { Lead.Reference(id: try $0.int(0), name: try $0.text(1)) })
    }

    nonisolated static let clearLeads = Statement(
        "custom_field_clear_leads",
        """
        UPDATE leads SET custom_fields = custom_fields - $2::text, updated_at = $3, version = version + 1
        WHERE account_id = $1 AND custom_fields ? $2
        """)

    /// The slot keeps its place, and nothing fills it any more.
    nonisolated static let clearMappings = Statement(
        "custom_field_clear_mappings",
        """
        UPDATE templates SET updated_at = $3, mappings = (
            SELECT jsonb_agg(CASE WHEN m.mapping->>'source' = $2 THEN 'null' ELSE m.mapping END ORDER BY m.place)
            FROM jsonb_array_elements(mappings) WITH ORDINALITY AS m (mapping, place))
        WHERE account_id = $1 AND mappings @> jsonb_build_array(jsonb_build_object('source', $2::text))
        """)

    /// Takes the field's values from the leads, and the field from what fills templates.
    package func clear(_ field: CustomField, in write: WriteTransaction) async throws {
        try await write.transaction.query([
            (Self.clearLeads, [.id(write.account), .text(field.name), .time(write.now)]),
            (Self.clearMappings, [.id(write.account), .text(field.mappingSource), .time(write.now)]),
        ])
    }
}
