import Domain
import EventLoop
import Storage

/// How many attempts of a number may be under way at once in this process. What a provider answers late, or not at all,
/// so holds up its own number and no more of it than that; the rest waits in the outbox, unwritten to.
@Reactor
final class AttemptRoom {
    typealias Number = NumberPaceStore.Number

    private let board: VerdictBoard
    private let bounds: ClosedRange<Int>
    /// Numbers whose room somebody in the outbox waits for: who comes meanwhile goes behind them, or those who came first
    /// would never go.
    private var crowded: Set<Number> = []

    /// - Parameter bounds: at least and at most, whatever the number may send.
    init(_ board: VerdictBoard, within bounds: ClosedRange<Int>) {
        self.board = board
        self.bounds = bounds
    }

    func left(of number: Number, _ limits: NumberLimits?) -> Int {
        let most = min(max(limits?.attemptsAtOnce ?? 0, bounds.lowerBound), bounds.upperBound)
        return most - board.attemptsInFlight(by: number)
    }

    /// Whether one that has just come may go at once.
    func admits(_ number: Number, _ limits: NumberLimits?) -> Bool {
        guard !crowded.contains(number), left(of: number, limits) > 0 else {
            crowded.insert(number)
            return false
        }
        return true
    }

    /// All that was due of the number has gone.
    func relieve(_ number: Number) { crowded.remove(number) }

    /// Only of these there is something due.
    func relieve(allBut waiting: Set<Number>) { crowded.formIntersection(waiting) }
}
