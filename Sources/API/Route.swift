package import Domain
import EventLoop
package import HTTP

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

    package let method: HTTPMethod
    package let pattern: String
    package let access: Access
    let action: Action
    /// Whether a POST under an `Idempotency-Key` is answered again by the answer it left; a send is, by its message.
    let replaysAnswer: Bool

    init(
        _ method: HTTPMethod, _ pattern: String, _ access: Access, replaysAnswer: Bool? = nil,
        _ action: @escaping Action
    ) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.action = action
        self.replaysAnswer = replaysAnswer ?? (method == .post && access != .open)
    }

    /// As in idempotency scopes and metrics: `POST /api/v1/leads`.
    package var name: String { "\(method) \(pattern)" }

    /// What an `Idempotency-Key` is kept under: `POST /leads`.
    var scope: String { "\(method) \(pattern.hasPrefix("/api/v1") ? String(pattern.dropFirst(7)) : pattern)" }

    package static var table: [Route] { all }
}
