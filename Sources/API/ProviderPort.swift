package import Domain
package import EventLoop
package import HTTP
package import Storage

/// What the API asks of the delivery engine, without knowing it.
package struct ProviderPort: Sendable {
    /// Starts an attempt that is already durable and leased to this process.
    package var dispatch: @Reactor @Sendable (AttemptStore.Claimed) -> Void
    /// Whether the number can send now, and take what it does of its messaging limit; what goes is counted at once.
    package var admit: @Reactor @Sendable (Instance, TierClaim?) async -> SendAdmission
    /// What was admitted did not go.
    package var giveBack: @Reactor @Sendable (SendAdmission.Charges, Instance) -> Void
    /// Returns when the message has a verdict, or at the deadline; nil when how it stands has to be read.
    package var awaitVerdict: @Reactor @Sendable (Message.ID, Account.ID, MonotonicTime) async -> MessageStore.Standing?
    /// Answers a provider's webhook: its body is proven, stored, and processed after the answer.
    package var receive: @Reactor @Sendable (Instance.Provider, String, HTTPRequest) async throws -> HookAnswer
    /// The text to echo, when the verify token is right.
    package var challenge: @Reactor @Sendable (String, QueryItems) async throws -> String?
    /// Tries items of webhooks again for which that is asked already.
    package var replayInbound: @Reactor @Sendable () -> Void
    /// Whose leases the attempts of this process are.
    package var owner: String
    /// How long an attempt is this process's before it counts as lost.
    package var leaseTime: Duration

    package enum HookAnswer: Sendable, Hashable { case stored, unauthorized }

    package init(
        dispatch: @escaping @Reactor @Sendable (AttemptStore.Claimed) -> Void,
        admit: @escaping @Reactor @Sendable (Instance, TierClaim?) async -> SendAdmission,
        giveBack: @escaping @Reactor @Sendable (SendAdmission.Charges, Instance) -> Void,
        awaitVerdict:
            @escaping @Reactor @Sendable (Message.ID, Account.ID, MonotonicTime) async -> MessageStore.Standing?,
        receive: @escaping @Reactor @Sendable (Instance.Provider, String, HTTPRequest) async throws -> HookAnswer,
        challenge: @escaping @Reactor @Sendable (String, QueryItems) async throws -> String?,
        replayInbound: @escaping @Reactor @Sendable () -> Void, owner: String, leaseTime: Duration
    ) {
        self.dispatch = dispatch
        self.admit = admit
        self.giveBack = giveBack
        self.awaitVerdict = awaitVerdict
        self.receive = receive
        self.challenge = challenge
        self.replayInbound = replayInbound
        self.owner = owner
        self.leaseTime = leaseTime
    }
}
