/// The numbered files of `schema/`, carried in the binary.
package enum Schema {
    package static var migrations: [(name: String, sql: String)] {
        EmbeddedSchema.files.map { (name: $0.name, sql: $0.text) }
    }
}
