/// Whether a process under load held no more at its end than at its beginning: the judgement of `.ci/endure`.
struct Flatness: Sendable {
    /// In words for people.
    let lines: [String]
    /// Empty when it did.
    let faults: [String]

    /// The share of the samples in which buffers and caches are still filled for the first time.
    static let warmUp = 0.25
    /// Growth over the measured time that is allowed, in kilobytes: allocators breathe, leaks do not stop.
    static let memoryAllowed = 4_096.0
    static let descriptorsAllowed = 8.0
    /// Descriptors that a quiet server may hold beyond those of before: connections to its database come and go.
    static let descriptorsLeft = 8

    /// - Parameter samples: evenly spaced.
    init(before: ProcessSample, during samples: [ProcessSample], after: ProcessSample) {
        let measured = samples.dropFirst(Int(Double(samples.count) * Self.warmUp))
        let memory = Trend(measured.map(\.memory))
        let descriptors = Trend(measured.map(\.descriptors))
        let left = after.descriptors - before.descriptors
        var faults: [String] = []
        if memory.growth > Self.memoryAllowed { faults.append("memory grew by \(Int(memory.growth)) kB") }
        if descriptors.growth > Self.descriptorsAllowed {
            faults.append("descriptors grew by \(Int(descriptors.growth))")
        }
        if left > Self.descriptorsLeft { faults.append("\(left) descriptors are left open") }
        self.faults = faults
        lines = [
            "memory in kB: \(before.memory) before, \(Int(memory.mean)) on average of \(measured.count) samples, "
                + "trend \(Int(memory.growth)) over them, \(after.memory) after",
            "descriptors: \(before.descriptors) before, \(Int(descriptors.mean)) on average, "
                + "trend \(Int(descriptors.growth)), \(after.descriptors) after",
        ]
    }
}

/// A line through evenly spaced values, by least squares.
struct Trend: Sendable {
    /// From the first value to the last, on the line.
    let growth: Double
    let mean: Double

    init(_ values: [Int]) {
        let count = Double(values.count)
        let middle = (count - 1) / 2
        let mean = values.reduce(0) { $0 + Double($1) } / max(1, count)
        var products = 0.0
        var squares = 0.0
        for (index, value) in values.enumerated() {
            let distance = Double(index) - middle
            products += distance * (Double(value) - mean)
            squares += distance * distance
        }
        growth = squares > 0 ? products / squares * (count - 1) : 0
        self.mean = mean
    }
}
