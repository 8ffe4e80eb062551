import Domain
import Postgres

extension StatementCatalog {
    /// What makes, works, tells and stops templates to many.
    static let batches: [Statement] =
        [
            BatchStore.selectOne, BatchStore.selectMessageStatuses, BatchStore.selectCodes, BatchStore.insert,
            BatchStore.insertRecipients, BatchStore.lock, BatchStore.updateStatus, BatchStore.cancelRecipients,
            BatchStore.cancel, BatchStore.claim, BatchStore.selectPending, BatchStore.hold, BatchStore.settle,
            BatchStore.markQueued, BatchStore.advance, BatchStore.release, BatchStore.scrubRecipients,
            BatchStore.scrubShared, BatchStore.selectOfPerson,
        ] + lists

    /// Every condition at once, and none.
    private static let lists: [Statement] = [false, true].flatMap { isNarrowed in
        let viewer = BatchStore.Viewer(Account.ID(1), seeing: isNarrowed ? [Instance.ID(1)] : nil)
        var batches = BatchStore.conditions(isNarrowed ? .queued : nil, before: isNarrowed ? 1 : nil, viewer)
        var entries = BatchStore.conditions(
            isNarrowed ? .queued : nil, of: SendBatch.ID(1), after: isNarrowed ? 1 : nil, viewer.account)
        batches.limit(PageLength.short.rawValue)
        entries.limit(PageLength.short.rawValue)
        return [BatchStore.selectPage(batches), BatchStore.selectEntries(entries)]
    }
}
