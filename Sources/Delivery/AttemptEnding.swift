package import Domain
package import Storage

/// What an attempt ends with.
package enum AttemptEnding: Sendable, Hashable {
    case ended(AttemptOutcome)
    /// `valid_until` passed before it could leave.
    case expired(ProviderFault)

    /// The last look before an attempt leaves, for what it took to prepare it may have lasted, and the whole process may
    /// have stood still: nil when it still may leave.
    ///
    /// - Parameter isLeaseOver: others may hold the message unknown by now, and have it sent anew.
    package static func belated(
        _ attempt: AttemptStore.Claimed, via provider: Instance.Provider, hasWindowRestriction: Bool,
        isLeaseOver: Bool, now: Timestamp
    ) -> AttemptEnding? {
        if isLeaseOver { return .ended(.notSent(lostLease(provider))) }
        switch Departure(attempt, via: provider, hasWindowRestriction: hasWindowRestriction, now: now) {
        case .free: return nil
        case .expired(let fault): return .expired(fault)
        case .refused(let fault): return .ended(.refused(fault, .fail))
        case .windowClosed(var fault):
            // The next attempt judges what may go in its place.
            fault.retryable = true
            return .ended(.notSent(fault))
        }
    }

    /// Nothing was sent: the attempt is another's, or could not be made safe to send.
    package static func lostLease(_ provider: Instance.Provider) -> ProviderFault {
        ProviderFault(
            provider: provider, code: nil, title: "The attempt could not be prepared in the database", details: nil,
            retryable: true)
    }
}
