import EventLoop

/// Brings webhooks to their hooks, and tries again as both providers do when no 2xx comes back.
@Reactor
final class WebhookCourier {
    typealias Transport = @Reactor @Sendable (Webhook) async -> HookAnswer

    private let transport: Transport
    private let retries: [Duration]
    private var isStopped = false
    private(set) var pending: Int64 = 0
    private(set) var delivered: Int64 = 0
    private(set) var abandoned: Int64 = 0

    init(retries: [Duration], transport: @escaping Transport) {
        self.retries = retries
        self.transport = transport
    }

    /// One try.
    func deliver(_ webhook: Webhook) async -> HookAnswer {
        let answer = await transport(webhook)
        if answer.isTaken { delivered += 1 }
        return answer
    }

    /// Tries until it is taken or the retries are used up.
    func post(_ webhook: Webhook) {
        pending += 1
        attempt(webhook, retriesUsed: 0)
    }

    func stop() { isStopped = true }

    private func attempt(_ webhook: Webhook, retriesUsed: Int) {
        guard !isStopped else { return }
        spawn {
            if await self.deliver(webhook).isTaken {
                self.pending -= 1
            } else if retriesUsed < self.retries.count {
                EventLoop.shared.schedule(after: self.retries[retriesUsed]) { [weak self] in
                    self?.attempt(webhook, retriesUsed: retriesUsed + 1)
                }
            } else {
                self.pending -= 1
                self.abandoned += 1
            }
        }
    }
}
