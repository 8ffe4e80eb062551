package import Domain
package import JSON
import Postgres

extension LeadStore {
    /// What comes with a lead when it is asked for.
    package enum Inclusion: String, Sendable, CaseIterable {
        case owner, contact, tasks, conversations, windows
    }

    /// The columns of what is included, each a JSON text, behind those of the lead `l` and its contact `c`.
    struct Included {
        let columns: [String]
        let parameters: [PostgresValue]

        /// - Parameter count: the parameters that the statement has already.
        init(_ inclusions: [Inclusion], instances: Set<Instance.ID>?, now: Timestamp, after count: Int) {
            var parameters: [PostgresValue] = []
            func bind(_ value: PostgresValue) -> String {
                parameters.append(value)
                return "$\(count + parameters.count)"
            }
            columns = inclusions.map { inclusion in
                switch inclusion {
                case .owner: return LeadStore.ownerColumn
                case .contact: return LeadStore.contactColumn
                case .tasks: return LeadStore.tasksColumn(now: bind(.time(now)))
                case .conversations, .windows: break
                }
                let seen = instances.map {
                    " AND v.instance_id = ANY (\(bind(.intArray($0.map(\.rawValue))))::bigint[])"
                }
                return inclusion == .conversations
                    ? LeadStore.conversationsColumn(seen ?? "")
                    : LeadStore.windowsColumn(seen ?? "", now: bind(.time(now)))
            }
            self.parameters = parameters
        }
    }

    private static let ownerColumn = """
        (SELECT json_build_object('id', u.id, 'name', u.name, 'email', u.email)
        FROM users u WHERE u.account_id = $1 AND u.id = l.assigned_to)
        """

    /// As `LeadTask` tells them: overdue by the account's clock, a task without a time at the end of its day.
    private static func tasksColumn(now: String) -> String {
        """
        (SELECT COALESCE(json_agg(json_build_object(
            'id', t.id, 'subject', t.subject, 'description', t.description, 'type', t.type,
            'status', CASE WHEN t.completed_at IS NULL THEN 'pending' ELSE 'completed' END,
            'priority', t.priority, 'due_date', t.due_date, 'due_time', left(t.due_time::text, 5),
            'completed_at', \(MessageStore.instant("t.completed_at")), 'lead_id', t.lead_id,
            'assigned_to', t.assigned_to, 'notes', t.notes, 'is_mandatory', t.is_mandatory, 'stage_id', t.stage_id,
            'is_overdue', t.completed_at IS NULL
                AND t.due_date + COALESCE(t.due_time, time '24:00') < \(now)::timestamptz AT TIME ZONE (
                    SELECT a.timezone FROM accounts a WHERE a.id = $1),
            'created_at', \(MessageStore.instant("t.created_at")),
            'updated_at', \(MessageStore.instant("t.updated_at"))) ORDER BY t.due_date, t.id), '[]')
        FROM tasks t WHERE t.account_id = $1 AND t.lead_id = l.id)
        """
    }

    private static let contactColumn = """
        json_build_object('id', c.id, 'name', c.name, 'phone', c.phone, 'email', c.email, 'company', c.company,
            'birthday', c.birthday, 'opted_out', c.opted_out_at IS NOT NULL,
            'created_at', \(MessageStore.instant("c.created_at")),
            'updated_at', \(MessageStore.instant("c.updated_at")), 'version', c.version)
        """

    private static func conversationsColumn(_ seen: String) -> String {
        """
        (SELECT COALESCE(json_agg(json_build_object(
            'id', v.id, 'instance_id', v.instance_id, 'status', v.status, 'assigned_to', v.assigned_to,
            'unread', v.unread, 'last_inbound_at', \(MessageStore.instant("v.last_inbound_at")),
            'last_message_at', \(MessageStore.instant("v.last_message_at")),
            'created_at', \(MessageStore.instant("v.created_at"))) ORDER BY v.last_message_at DESC, v.id DESC), '[]')
        FROM conversations v WHERE v.account_id = $1 AND v.contact_id = l.contact_id\(seen))
        """
    }

    /// As `ServiceWindow` reckons: a message from the future counts as now, and seconds are rounded up.
    private static func windowsColumn(_ seen: String, now: String) -> String {
        let end = "LEAST(v.last_inbound_at, \(now)::timestamptz) + interval '24 hours'"
        return """
            (SELECT COALESCE(json_agg(json_build_object(
                'instance_id', v.instance_id,
                'state', CASE WHEN \(end) > \(now)::timestamptz + interval '\(ServiceWindow.closing.components.seconds) seconds'
                    THEN 'open' WHEN \(end) > \(now)::timestamptz THEN 'closing' ELSE 'closed' END,
                'last_inbound_at', \(MessageStore.instant("LEAST(v.last_inbound_at, \(now)::timestamptz)")),
                'expires_at', \(MessageStore.instant("(\(end))")),
                'seconds_left', GREATEST(0, CEIL(EXTRACT(EPOCH FROM \(end) - \(now)::timestamptz)))
                ) ORDER BY v.instance_id), '[]')
            FROM conversations v WHERE v.account_id = $1 AND v.contact_id = l.contact_id
                AND v.last_inbound_at IS NOT NULL\(seen))
            """
    }

    /// The lead with what is included.
    package func one(
        _ id: Lead.ID, _ inclusions: [Inclusion], instances: Set<Instance.ID>?, of account: Account.ID, now: Timestamp
    ) -> Query<LeadRecord?> {
        guard !inclusions.isEmpty else { return one(id, of: account) }
        let included = Included(inclusions, instances: instances, now: now, after: 2)
        let statement = Self.selectOne(including: included)
        return Query([(statement, [.id(account), .id(id)] + included.parameters)]) { $0[0].first.map(LeadRecord.init) }
    }

    static func selectOne(including included: Included) -> Statement {
        Statement(
            "lead_get_including",
            """
            SELECT \(columns), \(included.columns.joined(separator: ", "))
            FROM leads l
            \(joins)
            WHERE l.account_id = $1 AND l.id = $2 AND l.archived_at IS NULL
            """, isPrepared: false)
    }

    /// One page by number, with the total.
    package func page(
        _ filter: LeadFilter, _ inclusions: [Inclusion], of account: Account.ID, page number: Int, perPage: Int,
        now: Timestamp
    ) -> Query<(leads: [LeadRecord], total: Int)> {
        if let plain = filter.plain, inclusions.isEmpty {
            return page(plain, of: account, page: number, perPage: perPage)
        }
        let rows = Self.step(
            filter, inclusions, of: account, after: nil, rows: perPage, offset: (number - 1) * perPage, now: now)
        var counting = LeadSelection(filter, of: account)
        let count = counting.count()
        return Query([rows, (count, counting.parameters)]) { results in
            (results[0].map(LeadRecord.init), try results[1].first.map { Int(try $0.int(0)) } ?? 0)
        }
    }

    /// The leads behind a position.
    package func list(
        _ filter: LeadFilter, _ inclusions: [Inclusion], of account: Account.ID, after position: LeadFilter.Position?,
        limit: Int, now: Timestamp
    ) -> Query<[LeadRecord]> {
        if let plain = filter.plain, inclusions.isEmpty {
            return list(plain, of: account, before: position.map { Lead.ID($0.id) }, limit: limit)
        }
        let step = Self.step(filter, inclusions, of: account, after: position, rows: limit, offset: 0, now: now)
        return Query([step]) { $0[0].map(LeadRecord.init) }
    }

    static func step(
        _ filter: LeadFilter, _ inclusions: [Inclusion], of account: Account.ID, after position: LeadFilter.Position?,
        rows: Int, offset: Int, now: Timestamp
    ) -> (Statement, [PostgresValue]) {
        var selection = LeadSelection(filter, of: account, after: position)
        let included = Included(
            inclusions, instances: filter.instances, now: now, after: selection.parameters.count)
        selection.append(included.parameters)
        let statement = selection.page(rows: rows, offset: offset, include: included.columns)
        return (statement, selection.parameters)
    }
}

extension LeadRecord {
    /// Where a page that ends with this lead ends.
    ///
    /// - Parameters:
    ///   - before: where the page before ended; nil for the first one.
    ///   - inclusions: what was asked for with the list.
    package func position(
        in order: LeadFilter.Order, until: Timestamp?, after before: LeadFilter.Position?,
        behind inclusions: [LeadStore.Inclusion]
    ) throws -> LeadFilter.Position {
        let last = LeadColumn.allCases.count + inclusions.count
        let key =
            switch order {
            case .newest: ""
            case .created, .createdLast: String(try row.timestamp(LeadColumn.createdAt.rawValue))
            case .updated, .updatedLast: String(try row.timestamp(LeadColumn.updatedAt.rawValue))
            case .name, .nameLast: try row.text(LeadColumn.name.rawValue)
            case .window: String(try row.timestamp(last))
            case .value, .valueLast: String(try row.intOrNil(LeadColumn.value.rawValue) ?? 0)
            }
        var position = LeadFilter.Position(id: try id.rawValue, key: key, until: until)
        if order == .updated {
            position.snapshot =
                before == nil ? ReadSnapshot(pgSnapshot: try row.text(last)) : before?.snapshot
        }
        return position
    }

    /// Writes the members of what was included, in the order in which it was asked for.
    package func write(_ inclusions: [LeadStore.Inclusion], to json: inout JSONWriter) {
        row.withFields { fields in
            for (index, inclusion) in inclusions.enumerated() {
                json.key(inclusion.rawValue)
                if let field = fields[LeadColumn.allCases.count + index] { json.raw(field) } else { json.null() }
            }
        }
    }
}
