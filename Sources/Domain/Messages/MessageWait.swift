/// Why a message that is not sent yet waits, and until when that is known.
package enum MessageWait: Sendable, Hashable {
    /// Its own time has not come.
    case time(Timestamp)
    /// Its number cannot send now.
    case instance(Instance.Status)
    /// The provider turned it away for now.
    case pause(until: Timestamp)
    /// An earlier message of the conversation has not gone out.
    case behind(Message.ID)
    /// It goes out at once.
    case turn
    /// An attempt is at the provider. When the lease is over and there is no answer, the message is unknown.
    case answer(until: Timestamp?)

    /// Where the message stands in the outbox, and what stands before it.
    package struct Place: Sendable, Hashable {
        package var runAt: Timestamp
        package var leaseUntil: Timestamp?
        package var sendAt: Timestamp?
        package var instance: Instance.Status
        package var behind: Message.ID?

        package init(
            runAt: Timestamp, leaseUntil: Timestamp?, sendAt: Timestamp?, instance: Instance.Status,
            behind: Message.ID?
        ) {
            self.runAt = runAt
            self.leaseUntil = leaseUntil
            self.sendAt = sendAt
            self.instance = instance
            self.behind = behind
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
        } else if place.runAt > now {
            self = .pause(until: place.runAt)
        } else if let behind = place.behind {
            self = .behind(behind)
        } else {
            self = .turn
        }
    }

    package var until: Timestamp? {
        switch self {
        case .time(let at): at
        case .pause(let until): until
        case .answer(let until): until
        case .instance, .behind, .turn: nil
        }
    }
}
