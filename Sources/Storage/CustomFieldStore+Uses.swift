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

    /// Some thousands at a time, so that no statement meets its time limit however many there are; in the order of
    /// their ids.
    nonisolated static let clearLeads = Statement(
        "custom_field_clear_leads",
        """
        WITH few AS (
            SELECT f.id FROM leads f
            WHERE f.account_id = $1 AND f.id > $4 AND f.custom_fields ? $2
            ORDER BY f.id
            LIMIT 5000
            FOR NO KEY UPDATE
        ), cleared AS (
            UPDATE leads l SET custom_fields = l.custom_fields - $2::text, updated_at = $3, version = l.version + 1
            FROM few
            WHERE l.account_id = $1 AND l.id = few.id
            RETURNING l.id
        )
        SELECT max(id) FROM cleared
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

    /// Takes the field's values from the leads, and the field from what fills templates. The leads are new versions;
    /// what tells of it is the field's own line in the audit log, as it may be a million of them.
    package func clear(_ field: CustomField, in write: WriteTransaction) async throws {
        try await write.transaction.query([
            (Self.clearMappings, [.id(write.account), .text(field.mappingSource), .time(write.now)])
        ])
        var last: Int64? = 0
        while let before = last {
            let rows = try await write.transaction.query(
                Self.clearLeads, [.id(write.account), .text(field.name), .time(write.now), .int(before)])
            last = try rows.first?.intOrNil(0)
        }
    }
}
