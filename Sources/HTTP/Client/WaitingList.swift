/// Who waits, in the order in which they came. Leaving from its middle takes no search: thousands may wait for a
/// provider that is silent, and all leave at their deadlines.
struct WaitingList<Waiter> {
    /// From the first who may still wait; nil where somebody left.
    private var places: [Waiter?] = []
    private var head = 0
    /// The ticket of the first place in the array.
    private var firstTicket = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Returns the ticket to leave with.
    mutating func join(_ waiter: Waiter) -> Int {
        places.append(waiter)
        count += 1
        return firstTicket + places.count - 1
    }

    /// A ticket whose holder has been called or has left does nothing.
    mutating func leave(_ ticket: Int) {
        let index = ticket - firstTicket
        guard index >= head, index < places.count, places[index] != nil else { return }
        places[index] = nil
        count -= 1
    }

    mutating func next() -> Waiter? {
        defer { compact() }
        while head < places.count {
            defer { head += 1 }
            guard let waiter = places[head] else { continue }
            places[head] = nil
            count -= 1
            return waiter
        }
        return nil
    }

    /// Gives back the places in front, once they are the most.
    private mutating func compact() {
        guard count == 0 || (head > 32 && head > places.count / 2) else { return }
        let gone = count == 0 ? places.count : head
        places.removeFirst(gone)
        firstTicket += gone
        head = 0
    }
}
