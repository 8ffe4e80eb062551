import Domain
import Postgres

extension StatementCatalog {
    /// What reads and writes contacts, makes one of two, and takes a person out.
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
            ErasureStore.findContact, ErasureStore.findSelf, ErasureStore.selectMerged, ErasureStore.selectIdentifiers,
            ErasureStore.selectLeads, ErasureStore.selectMessages, ErasureStore.insertHashes,
            ErasureStore.selectErased, ErasureStore.insertNameless, ErasureStore.deleteOutbox,
            ErasureStore.scrubMessages, ErasureStore.scrubAttempts, ErasureStore.scrubConversations,
            ErasureStore.scrubLeads, ErasureStore.deleteTags, ErasureStore.scrubTasks,
            ErasureStore.exitSequences, ErasureStore.scrubTaskAudit, ErasureStore.selectPersonTasks,
            ErasureStore.deleteConsents, ErasureStore.selectMedia, ErasureStore.deleteUploadKeys,
            ErasureStore.deleteMedia, ErasureStore.selectPersonMedia,
            ErasureStore.deleteIdentifiers, ErasureStore.scrubLeadEvents, ErasureStore.scrubMessageEvents,
            ErasureStore.scrubContactEvents, ErasureStore.scrubAudit, ErasureStore.selectPartners,
            ErasureStore.scrubPartnerEvents, ErasureStore.scrubPartnerAudit, ErasureStore.deleteMerges,
            ErasureStore.scrubAnswers, ErasureStore.deleteKeys, ErasureStore.selectBodies,
            ErasureStore.lockBody, ErasureStore.selectInstanceKeys, ErasureStore.updateBody, ErasureStore.deleteBody,
            ErasureStore.selectContact, ErasureStore.selectPersonLeads, ErasureStore.selectConsents,
            ErasureStore.selectThreads, ErasureStore.selectTexts, ErasureStore.selectPersonMerges,
            ErasureStore.selectPersonImports, ErasureStore.selectPersonEvents, ErasureStore.selectPersonAudit,
        ] + contactLists + contactChanges

    private static let contactLists: [Statement] = contactFilters.flatMap {
        [ContactStore.selectPage($0, .short), ContactStore.selectAfter($0, .short), ContactStore.selectCount($0)]
    }

    /// The first page and a further one, which share their name.
    private static let contactChanges: [Statement] = {
        let time = Timestamp(seconds: 0)
        let position = LeadFilter.Position(id: 1, key: "1", until: time, snapshot: ReadSnapshot("5:3,4"))
        func sql(_ position: LeadFilter.Position?) -> String {
            ContactStore.step(contactFilters[1], of: Account.ID(1), until: time, after: position, limit: 1).0.sql
        }
        return [Statement("contact_changes", sql(nil)), Statement("contact_changes_further", sql(position))]
    }()

    private static let contactFilters: [ContactStore.Filter] = {
        var full = ContactStore.Filter()
        (full.q, full.phoneKey, full.emailKey) = ("a", "5511", "a@b")
        (full.externalID, full.updatedSince) = ("x", Timestamp(seconds: 0))
        return [ContactStore.Filter(), full]
    }()
}
