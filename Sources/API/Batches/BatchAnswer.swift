import Domain
import HTTP
import JSON
import Storage

/// What the judgement of a whole batch is told as.
enum BatchAnswer {
    /// Recipients whose faults are told; their counts are told of all.
    private static let listed = 100

    /// How many are refused with each code; the most frequent first.
    static func codes(of problems: [Problem?]) -> [(code: String, count: Int)] {
        var counts: [String: Int] = [:]
        for case let problem? in problems { counts[problem.code.rawValue, default: 0] += 1 }
        return counts.map { (code: $0.key, count: $0.value) }.sorted { (-$0.count, $0.code) < (-$1.count, $1.code) }
    }

    static func preflight(_ problems: [Problem?], of body: BatchBody, _ language: Language) -> Reply {
        let refused = problems.indices.filter { problems[$0] != nil }
        return .data { json in
            json.beginObject()
            json.member("allowed", refused.isEmpty)
            json.member("total", problems.count)
            json.member("acceptable", problems.count - refused.count)
            json.member("refused", refused.count)
            json.key("codes")
            json.codes(codes(of: problems))
            json.key("recipients")
            json.beginArray()
            for index in refused.prefix(listed) {
                guard let problem = problems[index] else { continue }
                json.beginObject()
                json.member("index", index)
                json.member("lead_id", body.recipients[index].lead.rawValue)
                json.report(code: problem.code.rawValue, KeptReport.of(problem, [], language))
                json.endObject()
            }
            json.endArray()
            json.member("truncated", refused.count > listed)
            json.member("warnings", body.warnings)
            json.endObject()
        }
    }

    /// All or nothing: what keeps it from being all; nil when nothing does.
    static func refusal(_ problems: [Problem?], of body: BatchBody) -> Problem? {
        let refused = problems.indices.filter { problems[$0] != nil }
        guard !refused.isEmpty else { return nil }
        var problem = Problem(.batchRefused)
        problem.values = ["count": String(refused.count), "total": String(problems.count)]
        problem.details = refused.prefix(listed).flatMap { index in
            problems[index].map { details(of: $0, at: index, body) } ?? []
        }
        return problem
    }

    /// A fault of variables that all share is the body's own; what is wrong with the recipient is told of their place.
    private static func details(of problem: Problem, at index: Int, _ body: BatchBody) -> [Problem.Detail] {
        let place = JSONPointer.appending(index, to: body.root)
        guard !problem.details.isEmpty else {
            return [.init(place, problem.code.rawValue, problem.code.message, problem.values)]
        }
        guard body.recipients[index].variables != nil else { return problem.details }
        return problem.details.map { detail in
            var own = detail
            if detail.pointer.hasPrefix("/variables") { own.pointer = place + detail.pointer }
            return own
        }
    }
}

extension JSONWriter {
    mutating func batch(_ batch: SendBatch) {
        beginObject()
        members(of: batch)
        endObject()
    }

    mutating func progress(_ progress: BatchStore.Progress) {
        beginObject()
        members(of: progress.batch)
        key("messages")
        beginObject()
        for status in MessageStatus.allCases {
            guard let count = progress.messages[status] else { continue }
            key(status.rawValue)
            int(count)
        }
        endObject()
        key("codes")
        codes(progress.codes)
        endObject()
    }

    private mutating func members(of batch: SendBatch) {
        member("id", batch.id.rawValue)
        member("name", batch.name)
        member("status", batch.status.rawValue)
        member("pause_reason", batch.pauseReason?.rawValue)
        key("template")
        beginObject()
        member("id", batch.template.id?.rawValue)
        member("name", batch.template.name)
        member("language", batch.template.language)
        endObject()
        member("instance_id", batch.instanceID?.rawValue)
        member("total", batch.total)
        for state in SendBatch.RecipientState.allCases {
            key(state.rawValue)
            int(batch.counts[state] ?? 0)
        }
        member("api_key_id", batch.apiKeyID.rawValue)
        member("send_at", batch.startAt.text)
        member("valid_until", batch.validUntil?.text)
        member("created_at", batch.createdAt.text)
        member("started_at", batch.startedAt?.text)
        member("finished_at", batch.finishedAt?.text)
    }

    mutating func entry(_ entry: BatchStore.Entry) {
        beginObject()
        member("index", entry.place)
        member("lead_id", entry.leadID.rawValue)
        member("state", entry.state.rawValue)
        report(code: entry.code, entry.report)
        member("client_reference", entry.clientReference)
        member("message_id", entry.messageID?.rawValue)
        member("message_status", entry.messageStatus?.rawValue)
        member("decided_at", entry.decidedAt?.text)
        endObject()
    }

    /// Why somebody has no message.
    fileprivate mutating func report(code: String?, _ report: JSONValue?) {
        member("code", code)
        member("reason", report?["message"])
        member("details", report?["details"] ?? .array([]))
    }

    fileprivate mutating func codes(_ codes: [(code: String, count: Int)]) {
        beginArray()
        for (code, count) in codes {
            beginObject()
            member("code", code)
            member("count", count)
            endObject()
        }
        endArray()
    }
}
