import Domain
import EventLoop
import Storage

/// Takes a person out of the lines that wait to be applied, which know them in whatever form they were written.
enum ImportErasure {
    @Reactor
    static func perform(
        of person: ErasureStore.Erasure, _ exchange: Exchange, _ service: Service, in write: WriteTransaction
    ) async throws {
        let account = try exchange.admitted().account
        let fields = try await service.database.customFields.all(in: write)
        let words = person.traces.parts + person.names.filter { $0.count > 2 }
        try await service.database.imports.erase(words, in: write) { lines, reading in
            let reader = ImportedLead(
                reading.format, columns: reading.columns, fields, of: account, lenient: reading.isLenient)
            return try await ThreadPool.compute.run { [identifiers = person.identifiers, traces = person.traces] in
                lines.map { line in
                    if traces.mark(String(decoding: line.text, as: UTF8.self)) { return true }
                    let named = (try? reader.item(line).content.get())?.named ?? []
                    return named.contains { one in identifiers.contains { $0.isSame(as: one) } }
                }
            }
        }
    }
}
