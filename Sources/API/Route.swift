package import Domain
import EventLoop
package import HTTP
import Storage

/// One line of the table.
package struct Route: Sendable {
    /// Who may call it.
    package enum Access: Sendable, Hashable {
        /// No key is asked for.
        case open
        /// Any valid key.
        case anyKey
        case needs(Permission)
    }

    typealias Action = @Reactor @Sendable (Exchange, Service) async throws -> Reply
    /// Says what is read, and how that is told.
    typealias ReadingAction = @Reactor @Sendable (Exchange, Service) throws -> Query<Reply>
    typealias ImmediateAction = @Reactor @Sendable (HTTPRequestHead, Service) throws -> Reply

    enum Work: Sendable {
        case waits(Action)
        /// One trip to the database, without a task.
        case reads(ReadingAction)
        /// Done on the spot, without a task.
        case immediate(ImmediateAction)
    }

    package let method: HTTPMethod
    package let pattern: String
    package let access: Access
    /// As in idempotency scopes and metrics: `POST /api/v1/leads`.
    package let name: String
    /// Whether a POST under an `Idempotency-Key` is answered again by the answer it left; a send is, by its message.
    let replaysAnswer: Bool
    /// Whether its answers show a secret, so that they are kept closed.
    let showsSecret: Bool
    let work: Work

    init(
        _ method: HTTPMethod, _ pattern: String, _ access: Access, replaysAnswer: Bool? = nil,
        showsSecret: Bool = false, _ action: @escaping Action
    ) {
        self.init(
            method, pattern, access, replaysAnswer: replaysAnswer, showsSecret: showsSecret, work: .waits(action))
    }

    init(_ method: HTTPMethod, _ pattern: String, _ access: Access, reading action: @escaping ReadingAction) {
        self.init(method, pattern, access, replaysAnswer: false, showsSecret: false, work: .reads(action))
    }

    /// A route that waits for nothing. It is open to all, because a key is looked up in the database.
    init(_ method: HTTPMethod, _ pattern: String, immediate action: @escaping ImmediateAction) {
        self.init(method, pattern, .open, replaysAnswer: false, showsSecret: false, work: .immediate(action))
    }

    private init(
        _ method: HTTPMethod, _ pattern: String, _ access: Access, replaysAnswer: Bool?, showsSecret: Bool, work: Work
    ) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.replaysAnswer = replaysAnswer ?? (method == .post && access != .open)
        self.showsSecret = showsSecret
        self.work = work
        name = "\(method) \(pattern)"
    }

    /// What an `Idempotency-Key` is kept under: `POST /leads`.
    var scope: String { "\(method) \(pattern.hasPrefix("/api/v1") ? String(pattern.dropFirst(7)) : pattern)" }

    package static var table: [Route] { all }
}
