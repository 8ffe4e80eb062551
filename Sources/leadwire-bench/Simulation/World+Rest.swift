import Domain

extension World {
    private static let rounds = 2000

    /// No more faults, and nobody asks for more: the world is let come to rest, and judged.
    func comeToRest() {
        isCalm = true
        for number in carriers.indices where !dice.once(in: 12) { carriers[number] = Carrier() }
        for process in processes.indices {
            _ = wake(process)
            _ = start(process)
        }
        for _ in 0..<Self.rounds where judge.violation == nil {
            if !round() { break }
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
            let waiting = queue.outbox.filter { row in
                let isDown = !queue.numbers[queue.threads[row.thread].number].status.canDispatch
                return row.leaseUntil != nil || !isDown
                    || queue.messages[Queue.index(row.id)].sendAt.map { $0 > now } ?? false
            }
            let next = waiting.map { row in
                max(row.leaseUntil ?? row.runAt, queue.messages[Queue.index(row.id)].sendAt ?? row.runAt)
            }.min()
            guard let next else { return false }
            now = max(now, next) + .milliseconds(1)
        } else {
            now = now + .milliseconds(500)
        }
        return true
    }
}
