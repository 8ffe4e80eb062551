import Domain

extension World {
    private static let rounds = 2000

    /// No more faults, and nobody asks for more: the world is let come to rest, and judged.
    func comeToRest() {
        isCalm = true
        for number in carriers.indices {
            if !dice.once(in: 12) { carriers[number] = Carrier() }
            // What stays down is known to be.
            if carriers[number].isDown || carriers[number].isRevoked { queue.numbers[number].status = .disconnected }
        }
        for process in processes.indices {
            _ = wake(process)
            _ = start(process)
        }
        var still = 0
        for _ in 0..<Self.rounds where judge.violation == nil && still < 3 {
            let before = queue.outbox
            still = round() || queue.outbox != before ? 0 : still + 1
        }
        judge.look(at: &queue, now: now)
        judge.conclude(queue, now: now)
        tally.messages = queue.messages.count
        tally.onPhones = judge.onPhones
    }

    /// Whether anything is left to be done.
    private func round() -> Bool {
        _ = watch()
        for process in processes.indices { _ = turn(process) }
        for _ in 0..<(flights.count * 2 + 2) { _ = fly() }
        for _ in 0..<(requests.count * 2) { _ = carryRequest() }
        while !letters.isEmpty { _ = hear() }
        while !reports.isEmpty { _ = deliverReport() }
        _ = applyParked()
        judge.look(at: &queue, now: now)
        if flights.isEmpty, requests.isEmpty {
            // What is due and was not taken waits for another, or for its number.
            let next = queue.outbox.map { row in
                row.leaseUntil
                    ?? queue.threads[row.thread].paced(
                        max(row.runAt, queue.messages[Queue.index(row.id)].sendAt ?? row.runAt))
            }.filter { $0 >= now }.min()
            now = next.map { $0 + .milliseconds(1) } ?? now + .seconds(1)
            return next != nil
        }
        now = now + .milliseconds(500)
        return true
    }
}
