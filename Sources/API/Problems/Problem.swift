package import Domain
package import HTTP
package import JSON

/// A refusal with everything the answer says; the only error that reaches a client.
package struct Problem: Error, Sendable {
    package let code: ProblemCode
    /// Values for the places of the message.
    package var values: [String: String] = [:]
    package var details: [Detail] = []
    package var requiredPermission: Permission?
    package var retryAfter: Int?
    package var existingID: Int64?
    package var matchedOn: String?
    package var pendingTasks: [PendingTask]?
    package var window: ServiceWindow?
    package var templateIDs: [Template.ID]?
    package var provider: ProviderFault?
    package var data: JSONValue?
    /// What `/readyz` says of the process, as `draining`.
    package var standing: String?
    package var allow: [HTTPMethod] = []
    /// The verdict of an earlier request with the same `Idempotency-Key`.
    package var isReplay = false

    package init(_ code: ProblemCode) { self.code = code }

    /// One fault of a body or a query.
    package struct Detail: Sendable, Hashable {
        /// RFC 6901 into the body; `?name` for a query parameter.
        package var pointer: String
        /// Stable, as `missing`.
        package var code: String
        package var words: Words
        package var values: [String: String] = [:]
        package var component: String?
        package var variable: String?
        package var label: String?
        package var position: Position?

        package struct Position: Sendable, Hashable {
            package let line: Int
            package let column: Int
            package let offset: Int
        }

        package init(_ pointer: String, _ code: String, _ words: Words, _ values: [String: String] = [:]) {
            self.pointer = pointer
            self.code = code
            self.words = words
            self.values = values
        }

        /// The field as people write it: `variables.2`.
        var field: String {
            // By scalars: a key may begin with a mark that would otherwise belong to the character before it.
            let scalars = pointer.unicodeScalars
            if scalars.first == "?" { return String(scalars.dropFirst()) }
            return scalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
                .map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
                .joined(separator: ".")
        }
    }

    static func validation(_ details: [Detail]) -> Problem {
        var problem = Problem(.validationFailed)
        problem.details = details
        return problem
    }

    static func denied(_ permission: Permission) -> Problem {
        var problem = Problem(.permissionDenied)
        problem.requiredPermission = permission
        problem.values["permission"] = permission.rawValue
        return problem
    }

    func body(language: Language, requestID: String) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("success", false)
        json.member("code", code.rawValue)
        json.member("message", code.message.text(in: language, values))
        json.member("request_id", requestID)
        if let requiredPermission { json.member("required_permission", requiredPermission.rawValue) }
        if let standing { json.member("status", standing) }
        if code == .windowClosed { json.member("skip_reason", code.rawValue) }
        if let pendingTasks {
            json.member("blocked", true)
            json.pendingTasks(pendingTasks)
        }
        if let retryAfter { json.member("retry_after", retryAfter) }
        if let existingID { json.member("existing_id", existingID) }
        if let matchedOn { json.member("matched_on", matchedOn) }
        writeDetails(to: &json, language)
        if let window {
            json.key("window")
            json.window(window)
        }
        if let templateIDs { json.member("template_ids", templateIDs.map(\.rawValue)) }
        if let provider {
            json.key("provider")
            json.provider(provider)
        }
        if let data { json.member("data", data) }
        json.endObject()
        return json.finish()
    }

    /// `errors` and `details`, if there are any.
    func writeDetails(to json: inout JSONWriter, _ language: Language) {
        guard !details.isEmpty else { return }
        json.key("errors")
        json.beginObject()
        for field in details.map(\.field).uniqued() {
            json.key(field)
            json.beginArray()
            for detail in details where detail.field == field {
                json.string(detail.words.text(in: language, detail.values))
            }
            json.endArray()
        }
        json.endObject()
        json.key("details")
        json.beginArray()
        for detail in details {
            json.beginObject()
            json.member("pointer", detail.pointer)
            json.member("code", detail.code)
            if let component = detail.component { json.member("component", component) }
            if let variable = detail.variable { json.member("variable", variable) }
            if let label = detail.label { json.member("label", label) }
            if let position = detail.position {
                json.member("line", position.line)
                json.member("column", position.column)
                json.member("offset", position.offset)
            }
            json.member("message", detail.words.text(in: language, detail.values))
            json.endObject()
        }
        json.endArray()
    }

    package func response(language: Language, requestID: String) -> HTTPResponse {
        var response = HTTPResponse(
            status: HTTPStatus(code: code.status), body: .bytes(body(language: language, requestID: requestID)))
        response.fields["Content-Type"] = "application/json"
        response.fields["Cache-Control"] = "no-store"
        response.requestID = requestID
        response.fields["Content-Language"] = language.rawValue
        if let retryAfter { response.fields["Retry-After"] = String(retryAfter) }
        if isReplay { response.fields["Idempotent-Replayed"] = "true" }
        if code == .unauthorized { response.fields["WWW-Authenticate"] = "Bearer realm=\"leadwire\"" }
        if !allow.isEmpty { response.fields["Allow"] = allow.map(\.rawValue).joined(separator: ", ") }
        return response
    }
}

extension Sequence where Element: Hashable {
    /// Each element once, in the order of its first appearance.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

extension JSONWriter {
    /// What keeps a lead in its stage, as Syncro tells it.
    mutating func pendingTasks(_ tasks: [PendingTask]) {
        key("pending_tasks")
        beginArray()
        for task in tasks {
            beginObject()
            member("id", task.id.rawValue)
            member("subject", task.subject)
            member("type", task.kind.rawValue)
            endObject()
        }
        endArray()
    }
}
