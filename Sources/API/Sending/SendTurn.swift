import Domain
import EventLoop

/// Whether a send goes at once or waits in the outbox. What its number and its business account may send is counted when
/// they are asked, so that the end has to be told.
@Reactor
struct SendTurn {
    let isHeld: Bool
    /// It is not to go before; nil is at once, or when the outbox finds room.
    let runAt: Timestamp?
    /// Whether its contact counts for a messaging limit.
    let isTierCounted: Bool
    private let charges: SendAdmission.Charges
    private let instance: Instance?
    private let service: Service

    init(_ verdict: SendVerdict, _ service: Service) async {
        self.service = service
        instance = verdict.instance
        guard !verdict.held, let instance else {
            (isHeld, runAt, isTierCounted, charges) = (verdict.held, nil, false, .init())
            return
        }
        let claim = TierClaim(verdict, now: service.now)
        isTierCounted = claim != nil
        switch await service.port.admit(instance, claim) {
        case .goes(let charges): (isHeld, runAt, self.charges) = (false, nil, charges)
        case .waits(let until): (isHeld, runAt, charges) = (true, until, .init())
        }
    }

    /// What waits for something else after all, or was not taken, has sent nothing.
    func end(dispatches: Bool) {
        guard let instance, !dispatches else { return }
        service.port.giveBack(charges, instance)
    }
}
