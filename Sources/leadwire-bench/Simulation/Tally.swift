/// What a run went through. Each must have happened, or the run has not tried what it says it has.
enum Transition: Int, CaseIterable, Sendable {
    case acceptedToDispatch, acceptedToWait, acceptedBehind, acceptedPaced, claimedPaced, contactHeld,
        acceptedWithFallback, sendRefused, sendRepeated,
        claimed, claimedGone, expiredWaiting, expiredLeaving, accepted, acceptedBelated, acceptedBelow, failed,
        failedBelated, windowClosed, unknown, rescued, requeued, requeuedUnsent, heldByCredentials, outlived,
        fenced, fallback, fallbackImpossible, fallbackStillOpen, optedOut, extended, belatedLease,
        belatedWindow, belatedTime, reportSent, reportDelivered, reportRead, reportPlayed, reportFailed,
        undoneFailure, resolvedUnknown, reportBelow, reportOfEarlier, parked, parkedApplied, parkedForgotten,
        canceled, resolvedFailed, resolvedSent, retriedFailed, retriedExpired, retriedUnknown, retryWaits,
        actRefused, actOvertaken, windowOpened, numberStopped, numberBack

    var words: String {
        switch self {
        case .acceptedToDispatch: "send → sending"
        case .acceptedToWait: "send → queued (held)"
        case .acceptedBehind: "send → queued (behind an earlier one)"
        case .acceptedPaced: "send → queued (its contact is written to too fast)"
        case .claimedPaced: "left in the queue, its contact being written to too fast"
        case .contactHeld: "a contact held, by the provider's count"
        case .acceptedWithFallback: "send → its fallback, the window being closed"
        case .sendRefused: "send refused"
        case .sendRepeated: "send repeated under its key"
        case .claimed: "queued → sending"
        case .claimedGone: "a row taken whose message has ended meanwhile"
        case .expiredWaiting: "queued → expired"
        case .expiredLeaving: "sending → expired"
        case .accepted: "sending → accepted"
        case .acceptedBelated: "unknown → accepted, by its own late answer"
        case .acceptedBelow: "accepted below what a report had told"
        case .failed: "sending → failed"
        case .failedBelated: "unknown → failed, by its own late answer"
        case .windowClosed: "failed, and our window corrected"
        case .unknown: "sending → unknown, no verdict"
        case .rescued: "sending → unknown, lease over"
        case .requeued: "sending → queued, turned away for now"
        case .requeuedUnsent: "sending → queued, not sent"
        case .heldByCredentials: "sending → queued, credentials refused"
        case .outlived: "turned away for now, and its time is over"
        case .fenced: "a late word changed nothing"
        case .fallback: "the fallback took its place at dispatch"
        case .fallbackImpossible: "a fallback that cannot go"
        case .fallbackStillOpen: "the contact has written since"
        case .optedOut: "refused at dispatch, opted out"
        case .extended: "a lease put off for a file"
        case .belatedLease: "not sent, for its lease was over"
        case .belatedWindow: "not sent, for its window closed on the way"
        case .belatedTime: "not sent, for valid_until passed on the way"
        case .reportSent: "report → sent"
        case .reportDelivered: "report → delivered"
        case .reportRead: "report → read"
        case .reportPlayed: "report → played"
        case .reportFailed: "report → failed"
        case .undoneFailure: "failed → delivered or above"
        case .resolvedUnknown: "unknown → known, by a report"
        case .reportBelow: "a report below what is known"
        case .reportOfEarlier: "a report of an attempt before the retry"
        case .parked: "report parked"
        case .parkedApplied: "parked report applied"
        case .parkedForgotten: "parked report forgotten"
        case .canceled: "queued → canceled"
        case .resolvedFailed: "unknown → failed, by the operator"
        case .resolvedSent: "unknown → sent, by the operator"
        case .retriedFailed: "failed → retried"
        case .retriedExpired: "expired → retried"
        case .retriedUnknown: "unknown → retried, a duplicate accepted"
        case .retryWaits: "a retry that waits"
        case .actRefused: "an act refused"
        case .actOvertaken: "an act that came too late"
        case .windowOpened: "window opened"
        case .numberStopped: "number stopped, its credentials refused"
        case .numberBack: "number back"
        }
    }
}

enum Fault: Int, CaseIterable, Sendable {
    case killed, killedInAttempt, killedBeforeCommit, killedAfterCommit, hung, hungPastLease,
        connectionRefused, lostBefore, lostAnswer, lateAnswer, garbledAnswer, idMissing, idTaken, turnedAway,
        turnedAwayUnnamed, refused, windowByItsCount, credentialsOnce, credentialsRevoked, sessionDown,
        settleLost, settleTwice, settleNever, commitUnknown, settingsUnread, fileFailed, reportBeforeAnswer,
        reportTwice, reportDropped, reportOutOfOrder, reportNameless, inboundLate, clockAhead, lostRemoval

    var words: String {
        switch self {
        case .killed: "process killed"
        case .killedInAttempt: "process killed with attempts in flight"
        case .killedBeforeCommit: "process killed before a send was committed"
        case .killedAfterCommit: "process killed after a send was committed"
        case .hung: "process stopped for a while"
        case .hungPastLease: "process stopped past a lease, and back"
        case .connectionRefused: "connection refused"
        case .lostBefore: "request lost before the provider had it"
        case .lostAnswer: "provider accepted, answer lost"
        case .lateAnswer: "provider accepted after our patience"
        case .garbledAnswer: "provider failed, having accepted or not"
        case .idMissing: "success without an id"
        case .idTaken: "success with the id of another message"
        case .turnedAway: "provider turned away for now"
        case .turnedAwayUnnamed: "a limit without a code"
        case .refused: "provider refused"
        case .windowByItsCount: "window closed by the provider's count"
        case .credentialsOnce: "credentials refused for one message"
        case .credentialsRevoked: "credentials revoked"
        case .sessionDown: "session down"
        case .settleLost: "settling failed, tried again"
        case .settleTwice: "settling was written, its answer lost"
        case .settleNever: "settling failed until the lease was over"
        case .commitUnknown: "a commit's answer lost"
        case .settingsUnread: "channel settings could not be read"
        case .fileFailed: "file could not be fetched"
        case .reportBeforeAnswer: "report before the answer was stored"
        case .reportTwice: "report twice"
        case .reportDropped: "report dropped"
        case .reportOutOfOrder: "report out of order"
        case .reportNameless: "report without our name for it"
        case .inboundLate: "a contact's message told late"
        case .clockAhead: "provider's clock ahead"
        case .lostRemoval: "parked report applied, not removed"
        }
    }
}

struct Tally: Sendable, Equatable {
    private(set) var transitions = [Int](repeating: 0, count: Transition.allCases.count)
    private(set) var faults = [Int](repeating: 0, count: Fault.allCases.count)
    var steps = 0
    var messages = 0
    var onPhones = 0

    mutating func count(_ transition: Transition) { transitions[transition.rawValue] += 1 }
    mutating func count(_ fault: Fault) { faults[fault.rawValue] += 1 }

    func count(of transition: Transition) -> Int { transitions[transition.rawValue] }
    func count(of fault: Fault) -> Int { faults[fault.rawValue] }

    static func += (tally: inout Tally, other: Tally) {
        for place in tally.transitions.indices { tally.transitions[place] += other.transitions[place] }
        for place in tally.faults.indices { tally.faults[place] += other.faults[place] }
        tally.steps += other.steps
        tally.messages += other.messages
        tally.onPhones += other.onPhones
    }

    /// What never happened, though it should have been tried.
    var untried: [String] {
        Transition.allCases.filter { count(of: $0) == 0 }.map(\.words)
            + Fault.allCases.filter { count(of: $0) == 0 }.map(\.words)
    }

    var table: String {
        func line(_ count: Int, _ words: String) -> String {
            let figures = String(count)
            return String(repeating: " ", count: max(0, 10 - figures.count)) + figures + "  " + words
        }
        return
            (["transitions"] + Transition.allCases.map { line(count(of: $0), $0.words) } + ["faults"]
            + Fault.allCases.map { line(count(of: $0), $0.words) }).joined(separator: "\n")
    }
}
