/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same run on every machine.
struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0xD134_2543_DE82_EF95 &+ 1
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// - Parameter limit: at least 1.
    mutating func below(_ limit: Int) -> Int { Int(truncatingIfNeeded: (next() >> 33) % UInt64(limit)) }

    mutating func once(in times: Int) -> Bool { below(times) == 0 }

    /// 0..<1
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func duration(_ milliseconds: ClosedRange<Int>) -> Duration {
        .milliseconds(milliseconds.lowerBound + below(milliseconds.count))
    }
}
