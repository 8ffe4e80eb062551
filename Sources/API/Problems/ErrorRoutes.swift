import Domain
import EventLoop
import HTTP
import JSON

/// The dictionary of errors.
enum ErrorRoutes {
    @Reactor
    static func list(_ head: HTTPRequestHead, _ service: Service) throws -> Reply {
        let language = Language.accepted(by: head.fields) ?? .english
        var reply = Reply.list(ProblemCode.allCases) { json, code in
            json.beginObject()
            json.member("code", code.rawValue)
            json.member("status", code.status)
            json.member("message", code.message.text(in: language))
            json.member("cause", code.cause.text(in: language))
            json.member("remedy", code.remedy.text(in: language))
            json.member("fields", code.fields)
            json.endObject()
        }
        reply.isPrivate = false
        return reply
    }
}
