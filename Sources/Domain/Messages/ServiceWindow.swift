/// The 24 hours after a contact last wrote to an instance, in which free text may be sent.
///
/// Meta, "Customer service window": any message type inside it, approved templates alone outside. Per contact and
/// business number; judged on the provider's timestamps, without a margin.
package struct ServiceWindow: Sendable, Hashable {
    package static let length = Duration.seconds(24 * 60 * 60)
    /// What is left at most of a window that is told to be closing, unless somebody asks otherwise.
    package static let closing = Duration.seconds(60 * 60)

    package enum State: String, Sendable, CaseIterable { case open, closed }
    /// The state where windows are looked over: one that will not be open for long shows as closing.
    package enum Outlook: String, Sendable, CaseIterable { case open, closing, closed }

    package let instanceID: Instance.ID
    package let state: State
    package let outlook: Outlook
    package let lastInboundAt: Timestamp?
    package let expiresAt: Timestamp?
    /// Whole seconds, rounded up, so that an open window never shows 0.
    package let secondsLeft: Int64

    package init(instanceID: Instance.ID, lastInboundAt: Timestamp?, now: Timestamp) {
        self.instanceID = instanceID
        // A provider whose clock is ahead does not give more than 24 hours from now.
        let lastInboundAt = lastInboundAt.map { min($0, now) }
        self.lastInboundAt = lastInboundAt
        expiresAt = lastInboundAt.map { $0 + Self.length }
        guard let expiresAt, expiresAt > now else {
            state = .closed
            outlook = .closed
            secondsLeft = 0
            return
        }
        let left = expiresAt - now
        state = .open
        outlook = left <= Self.closing ? .closing : .open
        secondsLeft = (left.microseconds + 999_999) / 1_000_000
    }

    package var isOpen: Bool { state == .open }
}
