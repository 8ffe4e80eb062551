package import Domain
import Postgres

extension MessageStore {
    /// What a list is narrowed by.
    package struct Filter: Sendable {
        package var leadID: Int64?
        package var conversationID: Int64?
        package var contactID: Int64?
        package var instanceID: Int64?
        package var templateID: Int64?
        package var direction: Message.Direction?
        package var status: MessageStatus?
        package var type: String?
        package var clientReference: String?
        package var created = Span()
        package var sent = Span()
        /// Those that the key sees; nil: all.
        package var instances: Set<Instance.ID>?

        package init() {}

        /// What a range is of comes in its order, so that its first page is found without looking at all of it.
        package var order: Order { !created.isEmpty ? .created : !sent.isEmpty ? .sent : .newest }

        package enum Order: String, Sendable, CaseIterable {
            case newest, created, sent

            fileprivate var key: StaticString? {
                switch self {
                case .newest: nil
                // The instant itself, in the words of `messages_by_time`.
                case .created: "GREATEST(m.queued_at, m.queued_at)"
                case .sent: "m.sent_at"
                }
            }
        }

        func selection(_ account: Account.ID) -> NewestFirst {
            var list = NewestFirst(account, of: "messages m", as: "m", by: order.key)
            if let leadID { list.add("m.lead_id = \(list.bind(.int(leadID)))") }
            if let conversationID { list.add("m.conversation_id = \(list.bind(.int(conversationID)))") }
            if let clientReference { list.add("m.client_reference = \(list.bind(.text(clientReference)))") }
            if let templateID { list.add("m.template_id = \(list.bind(.int(templateID)))") }
            if let type { list.add("m.type = \(list.bind(.text(type)))") }
            if let status { list.add("m.status = \(list.bind(.text(status.rawValue)))") }
            created.narrow("GREATEST(m.queued_at, m.queued_at)", &list)
            sent.narrow("m.sent_at", &list)
            if let contactID {
                let contact = list.bind(.int(contactID))
                list.add(
                    "m.conversation_id",
                    among: """
                        (SELECT v.id FROM conversations v WHERE v.account_id = $1 AND v.contact_id = \(contact))
                        """, spread: order == .newest)
            }
            list.add("m.instance_id", of: instanceID, seen: instances, spread: isWide)
            if let direction {
                // An inbound message has one status and keeps it; each status has its index.
                let statuses = MessageStatus.allCases.filter { ($0 == .received) == (direction == .inbound) }
                list.add(
                    "m.status", among: "unnest(\(list.bind(.textArray(statuses.map(\.rawValue))))::text[])",
                    spread: isWide && status == nil && type == nil)
            }
            return list
        }

        /// Whether nothing narrows it to a few messages, or to a time.
        private var isWide: Bool {
            order == .newest && leadID == nil && conversationID == nil && contactID == nil && clientReference == nil
                && templateID == nil
        }
    }

    /// From an instant on, up to before another.
    package struct Span: Sendable, Hashable {
        package var from: Timestamp?
        package var before: Timestamp?

        package init(from: Timestamp? = nil, before: Timestamp? = nil) {
            self.from = from
            self.before = before
        }

        var isEmpty: Bool { from == nil && before == nil }

        func narrow(_ column: StaticString, _ list: inout NewestFirst) {
            if let from { list.add("\(column) >= \(list.bind(.time(from)))") }
            if let before { list.add("\(column) < \(list.bind(.time(before)))") }
        }
    }

    package static func listing(_ filter: Filter, of account: Account.ID) -> Listing<Message> {
        Listing("message", filter.selection(account), columns) { try message($0) }
    }

    private static func message(_ row: PostgresRow) throws -> Message {
        var reader = RowReader(row)
        return try message(&reader)
    }
}
