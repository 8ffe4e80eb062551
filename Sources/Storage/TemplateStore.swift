package import Domain
package import JSON
package import Postgres

/// The templates of an account's business accounts.
package struct TemplateStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    package struct Filter: Sendable, Hashable {
        package var businessAccountIDs: [String]?
        package var status: Template.Status?
        package var language: String?
        package var category: String?
        package var name: String?

        package init() {}
    }

    /// One page: by id, after the last id of the page before.
    static let select = Statement(
        "template_list",
        """
        SELECT account_id, id, business_account_id, name, language, category, status, provider_status, instance_id,
            parameter_format, labels, components, quality_rating, synced_at
        FROM templates
        WHERE account_id = $1
            AND ($2::text[] IS NULL OR business_account_id = ANY ($2::text[]))
            AND ($3::text IS NULL OR status = $3)
            AND ($4::text IS NULL OR language = $4)
            AND ($5::text IS NULL OR category = $5)
            AND ($6::text IS NULL OR name = $6)
            AND id > $7
        ORDER BY id
        LIMIT $8
        """)

    package func list(
        _ filter: Filter, of account: Account.ID, after: Int64 = 0, limit: Int? = nil
    ) async throws -> [Template] {
        try await pool.read(
            Self.select,
            [
                .id(account), filter.businessAccountIDs.map { .textArray($0) } ?? .null,
                .word(filter.status?.rawValue), .word(filter.language), .word(filter.category), .word(filter.name),
                .int(after), .integer(limit.map(Int64.init)),
            ]
        ).map(Self.template)
    }

    static let selectOne = Statement(
        "template_get",
        """
        SELECT account_id, id, business_account_id, name, language, category, status, provider_status, instance_id,
            parameter_format, labels, components, quality_rating, synced_at
        FROM templates
        WHERE account_id = $1 AND id = $2
        """)

    package func get(_ id: Template.ID, of account: Account.ID) async throws -> Template? {
        try await pool.read(Self.selectOne, [.id(account), .id(id)]).first.map(Self.template)
    }

    /// A template as a provider has it.
    package struct Synced: Sendable {
        package var businessAccountID: String
        package var name: String
        package var language: String
        package var category: String
        package var status: Template.Status
        package var providerStatus: String
        package var instanceID: Instance.ID?
        package var providerTemplateID: String?
        package var parameterFormat: Template.ParameterFormat
        package var labels: [String]
        package var components: JSONValue
        package var qualityRating: String?

        package init(
            businessAccountID: String, name: String, language: String, category: String, status: Template.Status,
            providerStatus: String, instanceID: Instance.ID?, providerTemplateID: String?,
            parameterFormat: Template.ParameterFormat, labels: [String], components: JSONValue,
            qualityRating: String?
        ) {
            self.businessAccountID = businessAccountID
            self.name = name
            self.language = language
            self.category = category
            self.status = status
            self.providerStatus = providerStatus
            self.instanceID = instanceID
            self.providerTemplateID = providerTemplateID
            self.parameterFormat = parameterFormat
            self.labels = labels
            self.components = components
            self.qualityRating = qualityRating
        }
    }

    /// The admin's labels and the instance stay as they are when the template is already known.
    static let upsert = Statement(
        "template_upsert",
        """
        INSERT INTO templates (
            account_id, business_account_id, name, language, category, status, provider_status, instance_id,
            provider_template_id, parameter_format, labels, components, quality_rating, synced_at, created_at,
            updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, $14)
        ON CONFLICT (account_id, business_account_id, name, language) DO UPDATE SET
            category = EXCLUDED.category, status = EXCLUDED.status, provider_status = EXCLUDED.provider_status,
            instance_id = COALESCE(templates.instance_id, EXCLUDED.instance_id),
            provider_template_id = EXCLUDED.provider_template_id, parameter_format = EXCLUDED.parameter_format,
            components = EXCLUDED.components, quality_rating = EXCLUDED.quality_rating,
            synced_at = EXCLUDED.synced_at, updated_at = EXCLUDED.updated_at
        RETURNING id
        """)

    package func upsert(_ template: Synced, of account: Account.ID, now: Timestamp) async throws -> Template.ID {
        let rows = try await pool.write(
            Self.upsert,
            [
                .id(account), .text(template.businessAccountID), .text(template.name), .text(template.language),
                .text(template.category), .text(template.status.rawValue), .text(template.providerStatus),
                .id(template.instanceID), .word(template.providerTemplateID),
                .text(template.parameterFormat.rawValue), .textArray(template.labels), .tree(template.components),
                .word(template.qualityRating), .time(now),
            ])
        guard let row = rows.first else { throw StorageError.missing("the template") }
        return Template.ID(try row.int(0))
    }

    /// How many columns `template(_:)` reads.
    static let columnCount = 14

    static func template(_ row: PostgresRow) throws -> Template {
        var reader = RowReader(row)
        let account: Account.ID = try reader.id()
        return Template(
            id: try reader.id(), accountID: account, businessAccountID: try reader.text(), name: try reader.text(),
            language: try reader.text(), category: try reader.text(), status: try reader.word(),
            providerStatus: try reader.text(), instanceID: try reader.idOrNil(),
            parameterFormat: try reader.word(), labels: try reader.textArray(), components: try reader.json(),
            qualityRating: try reader.textOrNil(), syncedAt: try reader.timestampOrNil())
    }
}
