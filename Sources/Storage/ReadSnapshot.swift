import Domain
import Postgres

/// Which transactions had ended when a list was begun.
///
/// A row that is listed by when it was changed moves to the end with each change. What commits after the list was begun
/// can carry an instant from before it: only the transaction tells that the row was shown already.
package struct ReadSnapshot: Sendable, Hashable {
    /// The first id that no transaction had yet.
    private let next: UInt64
    /// Those below it that were still under way.
    private let running: [UInt64]

    /// More are not kept, so that the text stays short: of a row that one of the others changed, the later state may
    /// follow the earlier one in the same list.
    private static let runningLimit = 100

    /// As PostgreSQL writes a `pg_snapshot`: `xmin:xmax:xip,xip`.
    init?(pgSnapshot text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        self.init("\(parts[1]):\(parts[2])")
    }

    /// As it writes itself; nil for what is none.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let next = Self.id(parts[0]) else { return nil }
        let texts = parts[1].split(separator: ",", omittingEmptySubsequences: false)
        let running = parts[1].isEmpty ? [] : texts.compactMap(Self.id)
        guard parts[1].isEmpty || running.count == texts.count else { return nil }
        self.next = next
        self.running = Array(running.prefix(Self.runningLimit))
    }

    package var text: String { "\(next):\(running.map(String.init).joined(separator: ","))" }

    private static func id(_ text: Substring) -> UInt64? {
        // 19 digits are as many as fit beside a sign; PostgreSQL counts from 3.
        guard text.utf8.count <= 19, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(text).flatMap { $0 >= 3 ? $0 : nil }
    }

    /// No transaction stays open for so long.
    private static let longPast = Duration.seconds(-24 * 60 * 60)

    /// Whether a row had its present state when the list was begun.
    ///
    /// A row knows the last 32 bits of the transaction that wrote it, which say nothing of old ones; but what was changed
    /// long before the list was begun has also been committed before.
    ///
    /// - Parameters:
    ///   - table: the row's alias, of a table with `updated_at`.
    ///   - bind: gives the place of a value.
    func clause(of table: String, begunAt start: Timestamp, _ bind: (PostgresValue) -> String) -> String {
        let floor = PostgresValue.time(start + Self.longPast)
        let running = running.map { String(UInt32(truncatingIfNeeded: $0)) }
        return """
            (\(table).updated_at < \(bind(floor)) OR NOT (
                    age(\(table).xmin) <= age(\(bind(.text(String(UInt32(truncatingIfNeeded: next)))))::text::xid)
                    OR \(table).xmin = ANY (\(bind(.textArray(running)))::text[]::xid[])))
            """
    }
}
