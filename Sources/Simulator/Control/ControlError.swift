import HTTP
import JSON

/// A request of the control API that cannot be served, in words for whoever wrote it.
struct ControlError: Error, Sendable {
    let status: HTTPStatus
    let words: String

    init(_ words: String) { self.init(.badRequest, words) }

    init(_ status: HTTPStatus, _ words: String) {
        self.status = status
        self.words = words
    }

    var answer: Answer { .reply(status, ["error": .string(words)]) }
}
