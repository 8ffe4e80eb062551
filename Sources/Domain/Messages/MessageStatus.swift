/// Where a message stands. It climbs, and never comes down; only a retry that somebody asks for lets one that is
/// failed, expired or unknown begin anew:
///
///     queued → sending → accepted → sent → delivered → read → played
///        │        ├→ failed    (refused; undone by a later delivered or read)
///        │        └→ unknown   (no verdict; resolved by a status or by the operator, never by a blind resend)
///        └→ canceled, expired
package enum MessageStatus: String, Sendable, CaseIterable {
    /// Durable, waiting. Can transition to: sending, canceled, expired, failed.
    case queued
    /// An attempt is at the provider. Can transition to: accepted, failed, unknown, and back to queued only when the
    /// provider cannot have seen it.
    case sending
    /// The attempt ended without a verdict. Can transition to: accepted and above, failed; by a retry that accepts a
    /// duplicate to queued or sending.
    case unknown
    /// The provider took it. Can transition to: sent and above, failed.
    case accepted
    case sent
    case delivered
    case read
    case played
    case failed
    case canceled
    case expired
    /// An inbound message: it has arrived, and stays so.
    case received

    /// The rung on the ladder, as in `messages.status_rank`; what climbs wins, whatever the order of arrival.
    /// `failed` stands between `sent` and `delivered`: proof of delivery beats it.
    package var rank: Int {
        switch self {
        case .queued: 0
        case .sending: 10
        case .unknown: 15
        case .accepted: 20
        case .sent: 30
        case .failed: 35
        case .delivered: 40
        case .read: 50
        case .played: 60
        case .canceled, .expired, .received: 100
        }
    }

    /// Whether a client that waits for the verdict has it.
    package var isVerdict: Bool { self != .queued && self != .sending }

    /// What is known once both are known. The higher rung wins, so any order of arrival and any repetition of the same
    /// reports end the same.
    package func merged(with other: MessageStatus) -> MessageStatus {
        (rank, tieBreak) >= (other.rank, other.tieBreak) ? self : other
    }

    /// Orders the final ones that share a rung; they never meet in one message, but the answer is still one.
    private var tieBreak: Int {
        switch self {
        case .canceled: 2
        case .expired: 1
        default: 0
        }
    }
}
