import Domain
import Postgres

extension StatementCatalog {
    /// What reads and settles threads, lists messages, and tries again what could not be taken in.
    static let inbox: [Statement] =
        [
            ConversationStore.selectOne, ConversationStore.selectInstance, ConversationStore.lock,
            ConversationStore.update, InboundFailureStore.selectReach, InboundFailureStore.selectPage(.short),
            InboundFailureStore.selectOne, InboundFailureStore.selectIDs, InboundFailureStore.askSome,
            InboundFailureStore.askRange,
            InboundFailureStore.claim, InboundFailureStore.settle, InboundFailureStore.settleBody,
        ] + numbered(conversationLists) + numbered(messageLists)

    private static let position = ListPosition(time: Timestamp(seconds: 0), id: 1)

    /// None, every one alone, and all together.
    private static let conversationLists: [Statement] = {
        let edits: [(inout ConversationStore.Filter) -> Void] = [
            { _ in }, { $0.status = .open }, { $0.assignee = .nobody }, { $0.assignee = .user(1) },
            { $0.instanceID = 1 }, { $0.contactID = 1 }, { $0.leadID = 1 }, { $0.isUnread = true },
            { $0.isUnread = false }, { $0.instances = [Instance.ID(1)] },
        ]
        var all = ConversationStore.Filter()
        for edit in edits { edit(&all) }
        let filters = edits.map { edit in
            var filter = ConversationStore.Filter()
            edit(&filter)
            return filter
        }
        return (filters + [all]).flatMap { filter in
            [
                ConversationStore.listing(filter, of: Account.ID(1)).step(after: position, rows: 1, passed: 0).0,
                ConversationStore.listing(filter, of: Account.ID(1)).step(after: nil, rows: 1, passed: 1).0,
                ConversationStore.listing(filter, of: Account.ID(1)).count.0,
            ]
        }
    }()

    private static let messageLists: [Statement] = {
        let span = MessageStore.Span(from: Timestamp(seconds: 0), before: Timestamp(seconds: 1))
        let edits: [(inout MessageStore.Filter) -> Void] = [
            { _ in }, { $0.leadID = 1 }, { $0.conversationID = 1 }, { $0.contactID = 1 }, { $0.instanceID = 1 },
            { $0.templateID = 1 }, { $0.direction = .inbound }, { $0.direction = .outbound }, { $0.status = .failed },
            { $0.type = "text" }, { $0.clientReference = "a" }, { $0.created = span }, { $0.sent = span },
            { $0.instances = [Instance.ID(1)] },
        ]
        var all = MessageStore.Filter()
        for edit in edits { edit(&all) }
        let filters = edits.map { edit in
            var filter = MessageStore.Filter()
            edit(&filter)
            return filter
        }
        return (filters + [all]).flatMap { filter in
            [
                MessageStore.listing(filter, of: Account.ID(1)).step(after: position, rows: 1, passed: 0).0,
                MessageStore.listing(filter, of: Account.ID(1)).step(after: nil, rows: 1, passed: 1).0,
                MessageStore.listing(filter, of: Account.ID(1)).count.0,
            ]
        }
    }()
}
