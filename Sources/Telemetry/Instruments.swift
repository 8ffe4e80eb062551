import Synchronization

/// A count that only rises.
package final class Counter: Sendable {
    private let count = Atomic<Int64>(0)

    package func increment(by amount: Int64 = 1) {
        // Relaxed: a reader needs the number, not what was written before it.
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: Int64 { count.load(ordering: .relaxed) }
}

/// A level that rises and falls.
package final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    package func set(_ value: Int64) { level.store(value, ordering: .relaxed) }

    package func add(_ amount: Int64) { level.wrappingAdd(amount, ordering: .relaxed) }

    package var value: Int64 { level.load(ordering: .relaxed) }
}

/// How often measurements fell below each of its bounds.
package final class Histogram: Sendable {
    /// From a cached read to the longest wait that a request may have, in seconds.
    package static let latencyBounds: [Double] = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]

    struct State {
        /// One more than there are bounds: the last is for what exceeds them all.
        var buckets: [Int64]
        var sum: Double
    }

    let bounds: [Double]
    private let state: Locked<State>

    init(bounds: [Double]) {
        self.bounds = bounds.sorted()
        state = Locked(State(buckets: [Int64](repeating: 0, count: bounds.count + 1), sum: 0))
    }

    /// Bounds are inclusive, as Prometheus has them.
    package func observe(_ value: Double) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        state.withLock {
            $0.buckets[index] += 1
            $0.sum += value
        }
    }

    /// A duration counts in seconds.
    package func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// The same without a `Duration`, which is a number of 128 bits.
    package func observe(nanoseconds: Int64) { observe(Double(nanoseconds) / 1e9) }

    package var count: Int64 { snapshot.buckets.reduce(0, +) }

    var snapshot: State { state.withLock { $0 } }
}
