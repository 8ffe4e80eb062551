package import Domain
import Postgres

/// What a list of leads is narrowed by, and the order it comes in.
package struct LeadFilter: Sendable {
    package var pipelineID: Int64?
    package var stageID: Int64?
    package var assignedTo: Int64?
    package var source: String?
    /// Archived leads are listed by this alone.
    package var status: Lead.Status?
    /// Any of them.
    package var tags: [String] = []
    /// Part of name, e-mail or phone.
    package var q: String?
    package var updatedSince: Timestamp?
    /// Itself included: when a pass in the order of changes began.
    package var updatedBefore: Timestamp?
    package var createdFrom: Timestamp?
    package var createdBefore: Timestamp?
    package var window: Window?
    /// The instances whose windows and conversations count; nil: all.
    package var instances: Set<Instance.ID>?
    package var order: Order = .newest

    package init() {}

    /// Whether some instance may be written to freely.
    package struct Window: Sendable {
        package enum State: String, Sendable, CaseIterable { case open, closing, closed }

        package let state: State
        /// Whether leads in this state have a window to put them in order by.
        package var isOpen: Bool { state != .closed }
        /// A message since then keeps the window open now.
        package let opened: Timestamp
        /// A message since then keeps it open for longer than what counts as closing.
        package let lasting: Timestamp

        /// - Parameter within: what is left of a window that is closing.
        package init(_ state: State, within: Duration, now: Timestamp) {
            self.state = state
            opened = now + .microseconds(-ServiceWindow.length.microseconds)
            lasting = opened + within
        }
    }

    /// What the rows are put in order by; the id breaks ties.
    package enum Order: String, Sendable, CaseIterable {
        case newest = "-id"
        case created = "created_at"
        case createdLast = "-created_at"
        case updated = "updated_at"
        case updatedLast = "-updated_at"
        case name
        case nameLast = "-name"
        case value
        case valueLast = "-value"
        /// The window that closes first; of the leads with an open window.
        case window

        var isDescending: Bool { rawValue.hasPrefix("-") }
        var direction: String { isDescending ? "DESC" : "ASC" }

        /// What an index has in front of the id; nil where it is the id alone.
        var key: String? {
            switch self {
            case .newest: nil
            case .created, .createdLast: "l.created_at"
            case .updated, .updatedLast: "l.updated_at"
            case .name, .nameLast: "l.name"
            case .value, .valueLast: "COALESCE(l.value_minor, 0)"
            case .window: "w.last_inbound_at"
            }
        }

        var type: String {
            switch self {
            case .created, .createdLast, .updated, .updatedLast, .window: "timestamptz"
            case .name, .nameLast: "text"
            case .newest, .value, .valueLast: "bigint"
            }
        }

        /// `ORDER BY` of it, where the rows are picked.
        var clause: String { clause(key) }

        /// The same of the rows that were picked.
        var outerClause: String { clause(self == .window ? "l.window_key" : key) }

        private func clause(_ key: String?) -> String {
            key.map { "\($0) \(direction), l.id \(direction)" } ?? "l.id \(direction)"
        }
    }

    /// Where a page ended: exact while rows come, go and change.
    package struct Position: Sendable, Hashable {
        package var id: Int64
        /// The last row's key: microseconds, a name, or minor units; empty where the order is by id alone.
        package var key: String
        /// Rows that changed later than this are for another pass, which finds them by `updated_since`: no row comes
        /// twice because it was changed after it had been seen.
        package var until: Timestamp?
        /// What had been committed when the pass began: of the rows that changed earlier, those that were committed
        /// later are for another pass too.
        package var snapshot: ReadSnapshot?

        package init(id: Int64, key: String, until: Timestamp?, snapshot: ReadSnapshot? = nil) {
            self.id = id
            self.key = key
            self.until = until
            self.snapshot = snapshot
        }
    }

    /// Nothing but a stage narrows it, and it is in the usual order.
    var plain: LeadStore.Filter? {
        let isPlain =
            pipelineID == nil && assignedTo == nil && source == nil && status == nil && tags.isEmpty && q == nil
            && updatedSince == nil && updatedBefore == nil && createdFrom == nil && createdBefore == nil
            && window == nil && order == .newest
        return isPlain ? LeadStore.Filter(stageID: stageID) : nil
    }
}
