import Domain
import Postgres

/// The SQL of a filtered list. Its texts are ours and its values are bound; there are too many combinations to prepare,
/// and planned for its values each finds its index.
struct LeadSelection {
    private(set) var parameters: [PostgresValue]
    private let filter: LeadFilter
    private let isFirst: Bool
    private var clauses: [String] = []

    /// - Parameter position: where the page before ended; nil for a first page, and for pages by number.
    init(_ filter: LeadFilter, of account: Account.ID, after position: LeadFilter.Position? = nil) {
        self.filter = filter
        isFirst = position == nil
        parameters = [.id(account)]
        addFields()
        addSearch()
        addWindow()
        if let position { add(position) }
    }

    private mutating func bind(_ value: PostgresValue) -> String {
        parameters.append(value)
        return "$\(parameters.count)"
    }

    /// Those that further columns need.
    mutating func append(_ values: [PostgresValue]) { parameters += values }

    private mutating func addFields() {
        clauses = ["l.account_id = $1", "l.archived_at IS \(filter.status == .archived ? "NOT NULL" : "NULL")"]
        if let status = filter.status, status != .archived {
            clauses.append("l.status = \(bind(.text(status.rawValue)))")
        }
        if let id = filter.pipelineID { clauses.append("l.pipeline_id = \(bind(.int(id)))") }
        if let id = filter.stageID { clauses.append("l.stage_id = \(bind(.int(id)))") }
        if let id = filter.assignedTo { clauses.append("l.assigned_to = \(bind(.int(id)))") }
        if let source = filter.source { clauses.append("l.source = \(bind(.text(source)))") }
        if let time = filter.updatedSince { clauses.append("l.updated_at >= \(bind(.time(time)))") }
        if let time = filter.updatedBefore { clauses.append("l.updated_at <= \(bind(.time(time)))") }
        if let time = filter.createdFrom { clauses.append("l.created_at >= \(bind(.time(time)))") }
        if let time = filter.createdBefore { clauses.append("l.created_at < \(bind(.time(time)))") }
    }

    private mutating func addSearch() {
        guard let q = filter.q else { return }
        let search = SearchText(q)
        let words = search.words
        let pattern = bind(.text(words.pattern))
        let phone = search.phone.map { (needle: $0, pattern: bind(.text($0.pattern))) }
        // What no index can look for is compared with each lead on the way; so little is found soon.
        guard search.hasSearchableWord else {
            clauses.append(
                """
                (l.name ILIKE \(pattern) OR EXISTS (
                    SELECT 1 FROM contacts c
                    WHERE c.account_id = $1 AND c.id = l.contact_id
                        AND (c.email ILIKE \(pattern)\(phone.map { " OR c.phone LIKE \($0.pattern)" } ?? ""))))
                """)
            return
        }
        var found = [
            "SELECT m.id FROM leads m WHERE m.account_id = $1 AND \(holds("m.name", words, pattern))",
            Self.leads("e", holds("ke.email", words, pattern)),
        ]
        if let phone { found.append(Self.leads("p", holds("kp.phone", phone.needle, phone.pattern))) }
        clauses.append("l.id = ANY (ARRAY(\(found.joined(separator: "\n    UNION "))))")
    }

    /// By pieces of six where the text has them, and then compared in full where no index of trigrams is led to.
    private mutating func holds(_ column: String, _ needle: SearchText.Needle, _ pattern: String) -> String {
        let pieces = needle.pieces
        guard !pieces.isEmpty else { return "\(column) ILIKE \(pattern)" }
        let found = pieces.map { "\(Self.pieces(of: column)) @> string_to_array(lower(\(bind(.text($0)))), chr(1))" }
        return "(\(found.joined(separator: "\n    OR "))) AND (\(column) || '') ILIKE \(pattern)"
    }

    /// As the indexes of `schema/0013_search.sql` have them, word for word.
    private static func pieces(of column: String) -> String {
        let parts = ["lower(\(column))", "substr(lower(\(column)), 4)"].map {
            "string_to_array(regexp_replace(\($0), '(.{6})', '\\1' || chr(1), 'g'), chr(1))"
        }
        return "(\(parts.joined(separator: " || ")))"
    }

    /// Those of the contacts of which it is true.
    private static func leads(_ mark: String, _ condition: String) -> String {
        """
        SELECT m\(mark).id FROM contacts k\(mark)
            JOIN leads m\(mark) ON m\(mark).account_id = $1 AND m\(mark).contact_id = k\(mark).id
            WHERE k\(mark).account_id = $1 AND \(condition)
        """
    }

    private mutating func addWindow() {
        guard let window = filter.window else { return }
        guard filter.order != .window else { return addLatest(window) }
        switch window.state {
        case .open: clauses.append(wrote(since: window.opened))
        case .closed: clauses.append("NOT \(wrote(since: window.opened))")
        case .closing:
            clauses.append(wrote(since: window.opened))
            clauses.append("NOT \(wrote(since: window.lasting))")
        }
    }

    /// Goes through the open windows themselves, each contact's latest, in the order in which they close.
    private mutating func addLatest(_ window: LeadFilter.Window) {
        clauses += ["w.account_id = $1", "w.last_inbound_at > \(bind(.time(window.opened)))"]
        if window.state == .closing { clauses.append("w.last_inbound_at <= \(bind(.time(window.lasting)))") }
        let instances = filter.instances.map { bind(.intArray($0.map(\.rawValue))) }
        if let instances { clauses.append("w.instance_id = ANY (\(instances)::bigint[])") }
        clauses.append(
            """
            NOT EXISTS (
                SELECT 1 FROM conversations o
                WHERE o.account_id = $1 AND o.contact_id = w.contact_id
                    AND (o.last_inbound_at, o.id) > (w.last_inbound_at, w.id)
                    \(instances.map { "AND o.instance_id = ANY (\($0)::bigint[])" } ?? ""))
            """)
    }

    private var source: String {
        filter.order == .window ? "conversations w JOIN leads l ON l.contact_id = w.contact_id" : "leads l"
    }

    private mutating func wrote(since time: Timestamp) -> String {
        let instances = filter.instances.map {
            " AND v.instance_id = ANY (\(bind(.intArray($0.map(\.rawValue))))::bigint[])"
        }
        return """
            EXISTS (
                SELECT 1 FROM conversations v
                WHERE v.account_id = $1 AND v.contact_id = l.contact_id
                    AND v.last_inbound_at > \(bind(.time(time)))\(instances ?? ""))
            """
    }

    private mutating func add(_ position: LeadFilter.Position) {
        let sign = filter.order.isDescending ? "<" : ">"
        guard let key = filter.order.key else {
            return clauses.append("l.id \(sign) \(bind(.int(position.id)))")
        }
        let value: PostgresValue =
            filter.order.type == "timestamptz"
            ? .timestamp(Int64(position.key) ?? 0)
            : filter.order.type == "text" ? .text(position.key) : .int(Int64(position.key) ?? 0)
        let bound = "\(bind(value))::\(filter.order.type)"
        // The pair is of two tables, and no index can begin there; the key alone is of one.
        if filter.order == .window { clauses.append("\(key) >= \(bound)") }
        clauses.append("(\(key), l.id) \(sign) (\(bound), \(bind(.int(position.id)))::bigint)")
        if let snapshot = position.snapshot, let until = position.until {
            clauses.append(snapshot.clause(of: "l", begunAt: until) { bind($0) })
        }
    }

    /// - Parameters:
    ///   - rows: at most 501.
    ///   - include: further columns, in SQL.
    mutating func page(rows: Int, offset: Int = 0, include: [String] = []) -> Statement {
        let length = PageLength(atLeast: rows)
        let inner = picked(rows: rows, offset: offset, length)
        let columns = ([LeadStore.listColumns] + include + key).joined(separator: ", ")
        return Statement(
            "lead_filtered",
            """
            SELECT \(columns)
            FROM (
            \(inner)
            ) AS l
            \(LeadStore.listJoins)
            ORDER BY \(filter.order.outerClause)
            LIMIT \(bind(.int(Int64(rows))))
            """, isPrepared: false)
    }

    /// What the place behind a row is known by, beside its fields.
    private var key: [String] {
        switch filter.order {
        case .window: ["l.window_key"]
        case .updated where isFirst: ["pg_current_snapshot()::text"]
        default: []
        }
    }

    private mutating func picked(rows: Int, offset: Int, _ length: PageLength) -> String {
        let skip = offset == 0 ? "" : "OFFSET \(bind(.int(Int64(offset))))"
        guard filter.order == .newest, !filter.tags.isEmpty else {
            return """
                SELECT l.*\(filter.order == .window ? ", w.last_inbound_at AS window_key" : "")
                FROM \(source)
                WHERE \(joined)\(tagged())
                ORDER BY \(filter.order.clause)
                LIMIT \(length) \(skip)
                """
        }
        // The first few of each tag, of which the page is the first few: however many leads have the tag.
        let each = filter.tags.map { tag in
            """
            (SELECT t.lead_id
            FROM lead_tags t
            JOIN leads l ON l.id = t.lead_id
            WHERE t.account_id = $1 AND t.tag = \(bind(.text(tag))) AND \(joined)
            ORDER BY t.lead_id DESC
            LIMIT \(length.rawValue + offset))
            """
        }
        return """
            SELECT l.*
            FROM (\(each.joined(separator: "\nUNION "))) AS found
            JOIN leads l ON l.account_id = $1 AND l.id = found.lead_id
            ORDER BY l.id DESC
            LIMIT \(length) \(skip)
            """
    }

    private mutating func tagged() -> String {
        guard !filter.tags.isEmpty else { return "" }
        return """

                AND l.id IN (
                    SELECT t.lead_id FROM lead_tags t
                    WHERE t.account_id = $1 AND t.tag = ANY (\(bind(.textArray(filter.tags)))::text[]))
            """
    }

    /// All of them, in the order in which they were made.
    mutating func all() -> Statement {
        Statement(
            "lead_export",
            """
            SELECT \(LeadStore.columns)
            FROM \(source)
            \(LeadStore.joins)
            WHERE \(joined)\(tagged())
            ORDER BY l.id
            """, isPrepared: false)
    }

    mutating func count() -> Statement {
        Statement(
            "lead_filtered_count", "SELECT count(*) FROM \(source) WHERE \(joined)\(tagged())", isPrepared: false)
    }

    private var joined: String { clauses.joined(separator: "\n    AND ") }
}
