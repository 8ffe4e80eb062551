/// Why a message that is not sent yet waits, and until when that is known.
package enum MessageWait: Sendable, Hashable {
    /// Its own time has not come.
    case time(Timestamp)
    /// Its number cannot send now.
    case instance(Instance.Status)
    /// The provider turned it away for now.
    case pause(until: Timestamp)
    /// More at once would be too fast.
    case pace(Paced, until: Timestamp)
    /// An earlier message of the conversation has not gone out.
    case behind(Message.ID)
    /// It goes out at once, or when earlier ones of its number have been answered.
    case turn
    /// An attempt is at the provider. When the lease is over and there is no answer, the message is unknown.
    case answer(until: Timestamp?)

    /// For whom it would be too fast: the number, the contact, or the business account that writes to so many first.
    package enum Paced: String, Sendable, CaseIterable { case number, contact, tier }

    /// Where the message stands in the outbox, and what stands before it.
    package struct Place: Sendable, Hashable {
        package var runAt: Timestamp
        package var leaseUntil: Timestamp?
        package var sendAt: Timestamp?
        package var instance: Instance.Status
        package var behind: Message.ID?
        /// Whether the provider has turned it away since it was last asked for.
        package var isTurnedAway: Bool
        /// When the contact, and the number, may be used again.
        package var contactOpens: Timestamp?
        package var numberOpens: Timestamp?
        /// When the business account may write to one more contact; nil where this one takes nothing.
        package var tierOpens: Timestamp?

        package init(
            runAt: Timestamp, leaseUntil: Timestamp?, sendAt: Timestamp?, instance: Instance.Status,
            behind: Message.ID?, isTurnedAway: Bool = false, contactOpens: Timestamp? = nil,
            numberOpens: Timestamp? = nil, tierOpens: Timestamp? = nil
        ) {
            self.runAt = runAt
            self.leaseUntil = leaseUntil
            self.sendAt = sendAt
            self.instance = instance
            self.behind = behind
            self.isTurnedAway = isTurnedAway
            self.contactOpens = contactOpens
            self.numberOpens = numberOpens
            self.tierOpens = tierOpens
        }

        /// Which pace holds it, and until when.
        fileprivate func pace(after now: Timestamp) -> (Paced, Timestamp)? {
            let contact = contactOpens ?? .earliest
            let tier = tierOpens ?? .earliest
            let opens = max(max(contact, tier), max(runAt, numberOpens ?? .earliest))
            guard opens > now else { return nil }
            if tier == opens { return (.tier, opens) }
            return (contact == opens ? .contact : .number, opens)
        }
    }

    /// The first reason that would still hold it if all the others were gone.
    package init(_ place: Place, now: Timestamp) {
        if let lease = place.leaseUntil {
            self = .answer(until: lease)
        } else if let sendAt = place.sendAt, sendAt > now {
            self = .time(sendAt)
        } else if !place.instance.canDispatch {
            self = .instance(place.instance)
        } else if place.runAt > now, place.isTurnedAway {
            self = .pause(until: place.runAt)
        } else if let behind = place.behind {
            self = .behind(behind)
        } else if let (paced, until) = place.pace(after: now) {
            self = .pace(paced, until: until)
        } else {
            self = .turn
        }
    }

    package var until: Timestamp? {
        switch self {
        case .time(let at): at
        case .pause(let until), .pace(_, let until): until
        case .answer(let until): until
        case .instance, .behind, .turn: nil
        }
    }
}
