import Domain
import JSON

/// Leads as rows of CSV: one table says how they are written and how they are read again.
struct LeadSheet: Sendable {
    struct Column: Sendable {
        enum Content: Sendable, Hashable {
            case text
            /// As JSON writes it.
            case number
            case boolean
            /// With semicolons between.
            case list
        }

        let name: String
        /// Where it stands in the lead as the API shows it.
        let path: [String]
        let content: Content

        init(_ name: String, _ content: Content = .text, path: [String]? = nil) {
            self.name = name
            self.path = path ?? [name]
            self.content = content
        }

        init(_ field: CustomField) {
            let content: Content =
                switch field.type {
                case .text, .date, .select: .text
                case .number, .currency: .number
                case .checkbox: .boolean
                case .multiselect: .list
                }
            self.init("custom_fields.\(field.name)", content, path: ["custom_fields", field.name])
        }

        /// What an exported cell says.
        func value(_ cell: String) -> JSONValue {
            let text = SpreadsheetText.plain(cell)
            switch content {
            case .text: return .string(text)
            case .number: return JSONNumber(text.filter { $0 != " " }).map { .number($0) } ?? .string(text)
            case .list: return .array(SpreadsheetText.texts(text).map { .string($0) })
            case .boolean:
                switch text.lowercased() {
                case "true", "1": return true
                case "false", "0": return false
                default: return .string(text)
                }
            }
        }

        fileprivate func cell(_ value: JSONValue) -> String {
            switch value {
            case .null, .object: ""
            case .bool(let truth): truth ? "true" : "false"
            case .number(let number): number.text
            case .string(let text): SpreadsheetText.guarded(text)
            case .array(let items): SpreadsheetText.guarded(SpreadsheetText.list(items.compactMap(\.string)))
            }
        }
    }

    private static let fixed: [Column] = [
        Column("id", .number), Column("contact_id", .number), Column("external_id"), Column("name"), Column("phone"),
        Column("email"), Column("company"), Column("birthday"), Column("value", .number), Column("currency"),
        Column("source"), Column("status"), Column("tags", .list), Column("pipeline_id", .number),
        Column("pipeline", path: ["pipeline", "name"]), Column("stage_id", .number),
        Column("stage", path: ["stage", "name"]), Column("assigned_to", .number), Column("notes"),
        Column("utm_source"), Column("utm_medium"), Column("utm_campaign"), Column("utm_term"), Column("utm_content"),
        Column("lost_reason_id", .number), Column("won_at"), Column("lost_at"), Column("opted_out", .boolean),
        Column("created_at"), Column("updated_at"), Column("version", .number),
    ]

    let columns: [Column]
    private var csv = CSVWriter()

    init(_ fields: [CustomField]) { columns = Self.fixed + fields.map { Column($0) } }

    /// The header.
    mutating func begin() -> [UInt8] {
        for column in columns { csv.cell(column.name) }
        csv.endRecord()
        return csv.take()
    }

    /// - Parameter lead: as the API shows it.
    mutating func row(of lead: JSONValue) -> [UInt8] {
        for column in columns {
            let value = column.path.reduce(Optional(lead)) { $0?[$1] } ?? .null
            csv.cell(column.cell(value))
        }
        csv.endRecord()
        return csv.take()
    }
}
