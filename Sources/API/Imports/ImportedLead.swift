import Domain
import JSON

/// Reads lines of an import as leads. A value, so that it can do so away from the loop.
struct ImportedLead: Sendable {
    /// What an export tells of a lead, and an import leaves as it is: where a lead stands is moved by its own routes.
    private static let shown = [
        "contact_id", "status", "stage", "pipeline", "lost_reason_id", "won_at", "lost_at", "opted_out", "updated_at",
        "version",
    ]

    private let account: Account
    private let isLenient: Bool
    /// By the header's places, nil for one that a lenient caller has ignored; nil for NDJSON.
    private let columns: [LeadSheet.Column?]?

    /// - Parameters:
    ///   - columns: the header of CSV.
    ///   - fields: the account's custom fields.
    init(
        _ format: LeadImport.Format, columns: [String], _ fields: [CustomField], of account: Account, lenient: Bool
    ) {
        self.account = account
        isLenient = lenient
        let known = Dictionary(LeadSheet(fields).columns.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.columns = format == .csv ? columns.map { known[$0] } : nil
    }

    func item(_ line: ImportLine) -> LeadBatch.Item {
        if let fault = line.fault { return LeadBatch.Item(.failure(.unreadable(fault))) }
        let value: JSONValue
        do throws(JSONFaults) {
            value = try JSONParser.parse(line.text)
        } catch {
            return LeadBatch.Item(.failure(.malformed(error, line: line.number)))
        }
        guard let columns else { return item(value) }
        let cells = (value.array ?? []).map { $0.string ?? "" }
        guard !cells.dropFirst(columns.count).contains(where: { !$0.isEmpty }) else {
            let limit = ["limit": String(columns.count)]
            return LeadBatch.Item(.failure(.validation([.init("", "too_many", Faults.tooMany, limit)])))
        }
        return item(.object(object(cells, columns)))
    }

    private func item(_ value: JSONValue) -> LeadBatch.Item {
        LeadBatch.Item(value, at: "", account, lenient: isLenient) { body, patch in
            let id: Lead.ID? = body.id("id")
            let createdAt = body.instant("created_at")
            patch.own = id.map { LeadPatch.Own(id: $0, createdAt: createdAt) }
            for name in Self.shown { _ = body.value(name) }
        }
    }

    /// An empty cell says nothing.
    private func object(_ cells: [String], _ columns: [LeadSheet.Column?]) -> JSONObject {
        var members: [(String, JSONValue)] = []
        var custom: [(String, JSONValue)] = []
        for (cell, column) in zip(cells, columns) where !cell.isEmpty {
            guard let column else { continue }
            if column.path[0] == "custom_fields" {
                custom.append((column.path[1], column.value(cell)))
            } else {
                members.append((column.name, column.value(cell)))
            }
        }
        if !custom.isEmpty { members.append(("custom_fields", .object(JSONObject(custom)))) }
        return JSONObject(members)
    }

    /// What is wrong with a header, and what a lenient caller has ignored of it.
    static func judge(
        _ header: Result<[String], ImportLine.Fault>?, _ fields: [CustomField], lenient: Bool
    ) throws(Problem) -> (columns: [String], warnings: [String]) {
        guard let header else { throw .validation([.init("", "required", ImportFaults.header)]) }
        let names: [String]
        switch header {
        case .failure(let fault): throw .unreadable(fault)
        // Spreadsheets write cells for columns that are not there.
        case .success(let cells): names = cells.map { String($0.trimmingPrefix(while: \.isWhitespace)).trimmed }
        }
        let known = Set(LeadSheet(fields).columns.map(\.name))
        var (faults, warnings): ([Problem.Detail], [String]) = ([], [])
        for name in names.uniqued() where !name.isEmpty {
            let at = JSONPointer.appending(name, to: "")
            if names.count(where: { $0 == name }) > 1 {
                faults.append(.init(at, "repeated", ImportFaults.repeatedColumn))
            } else if !known.contains(name), lenient {
                warnings.append(at)
            } else if !known.contains(name) {
                faults.append(.init(at, "unknown_field", Faults.unknownField))
            }
        }
        guard faults.isEmpty else { throw .validation(faults) }
        // Nothing can stand under a name that is none.
        return (Array(names.reversed().drop(while: \.isEmpty).reversed()), warnings)
    }
}

extension String {
    fileprivate var trimmed: String { String(reversed().drop(while: \.isWhitespace).reversed()) }
}

/// What is said of a body, or of a line of it, that cannot be read.
enum ImportFaults {
    static let header = Words(
        "The first line must name the columns.", "A primeira linha deve nomear as colunas.")
    static let repeatedColumn = Words("This column stands twice.", "Esta coluna está repetida.")
    static let tooManyLines = Words("At most {limit} lines.", "No máximo {limit} linhas.")

    static func words(_ fault: ImportLine.Fault) -> Words {
        switch fault {
        case .tooLong: Words("The line is longer than 1 MB.", "A linha tem mais de 1 MB.")
        case .invalidUTF8: Words("Not valid UTF-8.", "UTF-8 inválido.")
        case .strayQuote:
            Words(
                "A quote stands where none can; a cell with quotes needs quotes around it, and its own doubled.",
                "Há aspas onde não podem estar; uma célula com aspas precisa estar entre aspas, com as suas duplicadas."
            )
        case .unclosedQuote:
            Words("The quote that opens here is never closed.", "As aspas que abrem aqui nunca fecham.")
        case .erased: Words("The person was erased.", "A pessoa foi apagada.")
        }
    }
}

extension Problem {
    static func unreadable(_ fault: ImportLine.Fault) -> Problem {
        .validation([.init("", fault.rawValue, ImportFaults.words(fault))])
    }

    /// - Parameter line: which one of the body the text is.
    fileprivate static func malformed(_ faults: JSONFaults, line: Int) -> Problem {
        var problem = Problem.malformed(faults)
        for index in problem.details.indices {
            guard let position = problem.details[index].position else { continue }
            problem.details[index].position = .init(line: line, column: position.column, offset: position.offset)
        }
        return problem
    }
}
