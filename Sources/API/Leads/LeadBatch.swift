import Domain
import EventLoop
import JSON
import Storage

/// Leads of another system, up to a few hundred, taken in by one handful of statements: what `POST /leads/batch` and the
/// work on imports have in common.
enum LeadBatch {
    /// One of them, as far as it can be judged by itself.
    struct Item: Sendable {
        let content: Result<LeadPatch, Problem>
        /// Unknown fields that a lenient caller gave.
        var warnings: [String] = []

        init(_ content: Result<LeadPatch, Problem>, warnings: [String] = []) {
            self.content = content
            self.warnings = warnings
        }

        /// - Parameter read: takes what else the object may have than the fields of a lead.
        init(
            _ value: JSONValue, at pointer: String, _ account: Account, lenient: Bool,
            _ read: (inout BodyReader, inout LeadPatch) -> Void = { _, _ in }
        ) {
            guard let object = value.object else {
                let fault = Problem.Detail(pointer, "wrong_type", Faults.wrongType, ["type": "object"])
                content = .failure(.validation([fault]))
                return
            }
            var reader = BodyReader(object, at: pointer)
            var patch = LeadBody.patch(&reader, account, isNew: false, lenient: lenient)
            read(&reader, &patch)
            reader.refuseUnknown(lenient: lenient)
            warnings = reader.warnings
            content = reader.faults.isEmpty ? .success(patch) : .failure(.validation(reader.faults))
        }
    }

    /// What became of one.
    struct Outcome: Sendable {
        let verdict: LeadUpsert.Verdict
        fileprivate let refusal: Problem?
        fileprivate let ignored: [String]

        /// - Parameter pointer: of the item, to which the rules' own pointers are relative.
        func problem(at pointer: String) -> Problem? {
            if let refusal { return refusal }
            guard let fault = verdict.fault else { return nil }
            var problem = Problem.from(fault)
            for detail in problem.details.indices {
                problem.details[detail].pointer = pointer + problem.details[detail].pointer
            }
            return problem
        }

        func warnings(at pointer: String) -> [String] {
            ignored + verdict.ignored.map { JSONPointer.appending($0, to: pointer + "/custom_fields") }
        }
    }

    /// Each has its own verdict, in their order: one that is refused harms no other.
    @Reactor
    static func take(
        _ items: [Item], of account: Account, lenient: Bool, _ service: Service, in write: WriteTransaction
    ) async throws -> [Outcome] {
        let patches = items.compactMap { try? $0.content.get() }
        let erased = patches.isEmpty ? [:] : try await service.erased(patches.map(\.named), in: write)
        let rest = patches.indices.filter { erased[$0] == nil }.map { patches[$0] }
        var done: [LeadUpsert.Verdict] = []
        if !rest.isEmpty {
            let upserted = try await service.database.leads.upsert(
                rest, currency: account.currency, lenient: lenient, in: write)
            for entered in upserted.entered { try await TaskRoutes.ask(entered, of: account, service, in: write) }
            done = upserted.verdicts
        }
        var verdicts = verdicts(of: patches.count, erased, done)[...]
        return items.map { item in
            let nothing = LeadUpsert.Verdict(outcome: .invalid)
            switch item.content {
            case .success:
                return Outcome(verdict: verdicts.popFirst() ?? nothing, refusal: nil, ignored: item.warnings)
            case .failure(let problem):
                return Outcome(verdict: nothing, refusal: problem, ignored: item.warnings)
            }
        }
    }

    /// Those of the erased in their places among the others'.
    nonisolated private static func verdicts(
        of count: Int, _ erased: [Int: ContactIdentifier.Kind], _ others: [LeadUpsert.Verdict]
    ) -> [LeadUpsert.Verdict] {
        var others = others[...]
        return (0..<count).map { index in
            guard let kind = erased[index] else { return others.popFirst() ?? LeadUpsert.Verdict(outcome: .invalid) }
            return LeadUpsert.Verdict(outcome: .erased, fault: .erased(kind))
        }
    }
}
