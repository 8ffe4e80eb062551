import Domain
import EventLoop
import Storage

/// How many attempts of a number may be under way at once in this process. A provider that answers late, or not at all,
/// holds up these alone: the number's other messages wait in the outbox, where waiting writes nothing.
@Reactor
final class AttemptRoom {
    typealias Number = NumberPaceStore.Number

    private let board: VerdictBoard
    private let fewest: Int
    private let most: Int
    /// Numbers whose room somebody in the outbox waits for: who comes meanwhile goes behind them, or those who came first
    /// would never go.
    private var crowded: Set<Number> = []

    /// - Parameters:
    ///   - fewest: however little the number may send.
    ///   - most: however much; it stands above `fewest`.
    init(_ board: VerdictBoard, fewest: Int, most: Int) {
        self.board = board
        self.fewest = fewest
        self.most = most
    }

    func left(of number: Number, _ limits: NumberLimits?) -> Int {
        min(most, max(fewest, limits?.attemptsAtOnce ?? 0)) - board.attemptsInFlight(by: number)
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
