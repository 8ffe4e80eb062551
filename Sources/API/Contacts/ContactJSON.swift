import JSON
import Storage

extension RowShape where Column == ContactColumn {
    static let contact = RowShape([
        .literal("id", .id), .text("name", .name), .text("phone", .phone), .text("email", .email),
        .text("company", .company), .text("birthday", .birthday), .boolean("opted_out", .optedOut),
        .boolean("marketing_stopped", .marketingStopped), .literal("identifiers", .identifiers),
        .instant("created_at", .createdAt), .instant("updated_at", .updatedAt), .literal("version", .version),
    ])
}

extension JSONWriter {
    mutating func contact(_ contact: ContactRecord) {
        beginObject()
        contact.write(.contact, to: &self)
        endObject()
    }
}
