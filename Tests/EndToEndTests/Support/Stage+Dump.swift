import Crypto
import Postgres

extension Stage {
    /// What a dump of the whole database would hold: each row of each table as text.
    struct Dump: Sendable {
        let tables: [(name: String, text: String)]

        /// In plain, or in what `bytea` is written as.
        func places(of word: String) -> [String] {
            let hex = Hex.encode(Array(word.utf8))
            return tables.filter { $0.text.contains(word) || $0.text.contains(hex) }.map(\.name)
        }

        func holds(_ word: String) -> Bool { !places(of: word).isEmpty }
    }

    func dump() async throws -> Dump {
        let names = try await sql(
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        ).map { try $0.text(0) }
        var tables: [(name: String, text: String)] = []
        for name in names {
            let text = try await sql("SELECT string_agg(t::text, E'\\n') FROM \"\(name)\" t").first?.textOrNil(0)
            tables.append((name, text ?? ""))
        }
        return Dump(tables: tables)
    }
}
