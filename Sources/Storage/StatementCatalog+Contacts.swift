import Domain
import Postgres

extension StatementCatalog {
    /// What reads and writes contacts, and makes one of two.
    static let contacts: [Statement] =
        [
            ContactStore.selectOne, ContactStore.selectWinner, ContactStore.lock, ContactStore.touch,
            ContactStore.selectOwn, ContactStore.deleteOwn, ContactStore.lockPair, ContactStore.lockConversations,
            ContactStore.insertMerge, ContactStore.moveIdentifiers, ContactStore.moveConsents, ContactStore.moveLeads,
            ContactStore.moveConversations, ContactStore.moveMessages, ContactStore.moveOutbox,
            ContactStore.dropConversations, ContactStore.dropContact, ContactStore.joinConsents,
            ContactStore.tellMerge, ContactStore.lockMerge, ContactStore.selectLater, ContactStore.restoreContact,
            ContactStore.restoreIdentifiers, ContactStore.clearLost, ContactStore.restoreConsents,
            ContactStore.restoreLeads, ContactStore.restoreConversations, ContactStore.restoreMessages,
            ContactStore.restoreOutbox, ContactStore.keepMessages, ContactStore.dropEmpty,
            ContactStore.rewindConversations, ContactStore.partConsents, ContactStore.finishMerge,
            ContactStore.tellParted,
        ] + contactLists

    private static let contactLists: [Statement] = contactFilters.flatMap {
        [ContactStore.selectPage($0, .short), ContactStore.selectAfter($0, .short), ContactStore.selectCount($0)]
    }

    private static let contactFilters: [ContactStore.Filter] = {
        var full = ContactStore.Filter()
        (full.q, full.phoneKey, full.emailKey) = ("a", "5511", "a@b")
        (full.externalID, full.updatedSince) = ("x", Timestamp(seconds: 0))
        return [ContactStore.Filter(), full]
    }()
}
