import JSON

/// A refusal as it is kept with what was refused, to be told later.
enum KeptReport {
    /// `code`, `message`, `details` and what else the problem has; `warnings` if there are any.
    static func of(_ problem: Problem?, _ warnings: [String] = [], _ language: Language) -> JSONValue? {
        var json = JSONWriter()
        json.beginObject()
        if var problem {
            for index in problem.details.indices {
                problem.details[index].pointer = storable(problem.details[index].pointer)
            }
            json.refusal(problem, language)
        }
        if !warnings.isEmpty { json.member("warnings", warnings.map(storable)) }
        json.endObject()
        return try? JSONParser.parse(json.finish())
    }

    /// A key of the body's may hold what PostgreSQL cannot keep.
    private static func storable(_ text: String) -> String {
        text.utf8.contains(0) ? text.replacing("\0", with: "\u{FFFD}") : text
    }
}
