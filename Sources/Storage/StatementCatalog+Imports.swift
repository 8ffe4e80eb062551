import Domain
import Postgres

extension StatementCatalog {
    /// What keeps, works, tells and forgets leads in bulk.
    static let imports: [Statement] =
        [
            ImportStore.selectOne, ImportStore.insert, ImportStore.insertChunk, ImportStore.renew,
            ImportStore.acceptance, ImportStore.fail, ImportStore.failLapsed, ImportStore.claim,
            ImportStore.selectChunk, ImportStore.hold, ImportStore.insertReports, ImportStore.deleteChunk,
            ImportStore.advance, ImportStore.release, ImportStore.lock, ImportStore.cancel, ImportStore.deleteChunks,
            ImportStore.deleteLines, ImportStore.deleteOld, ImportStore.selectChunks, ImportStore.selectReading,
            ImportStore.updateChunk, ImportStore.scrubReports,
        ] + lists

    /// Every condition at once, and none.
    private static let lists: [Statement] = [false, true].flatMap { isNarrowed in
        let id = LeadImport.ID(1)
        var imports = ImportStore.conditions(isNarrowed ? .queued : nil, before: isNarrowed ? 1 : nil, Account.ID(1))
        var lines = ImportStore.conditions(
            isNarrowed ? .created : nil, of: id, after: isNarrowed ? 1 : nil, Account.ID(1))
        imports.limit(PageLength.short.rawValue)
        lines.limit(PageLength.short.rawValue)
        return [ImportStore.selectPage(imports), ImportStore.selectLines(lines)]
    }
}
