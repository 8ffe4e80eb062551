import Domain
import EventLoop

/// Whether a send goes at once or waits in the outbox. What its number may send is counted when it is asked, so that
/// the end has to be told.
@Reactor
struct SendTurn {
    let isHeld: Bool
    /// It is not to go before; nil is at once.
    let runAt: Timestamp?
    private let charge: (NumberLedger.Charge, Instance)?
    private let service: Service

    init(_ verdict: SendVerdict, _ service: Service) async {
        self.service = service
        guard !verdict.held, let instance = verdict.instance else {
            (isHeld, runAt, charge) = (verdict.held, nil, nil)
            return
        }
        switch await service.port.admit(instance) {
        case .goes(let charge): (isHeld, runAt, self.charge) = (false, nil, charge.map { ($0, instance) })
        case .waits(let until): (isHeld, runAt, charge) = (true, until, nil)
        }
    }

    /// What waits for something else after all, or was not taken, has sent nothing.
    func end(dispatches: Bool) {
        guard let charge, !dispatches else { return }
        service.port.giveBack(charge.0, charge.1)
    }
}
