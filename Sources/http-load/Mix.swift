import EventLoop

/// All behaviours at once for a while, with an eye on what the server's process holds.
@Reactor
final class Mix {
    private let target: LoadTarget
    private let process: Int
    private let seconds: Int
    private let seed: UInt64
    private var isOver = false
    private var done = 0
    private var faults: [String: Int] = [:]
    private var running = 0

    private static let clients = 24
    private static let pace = Duration.milliseconds(20)

    init(_ target: LoadTarget, process: Int, seconds: Int, seed: UInt64) {
        self.target = target
        self.process = process
        self.seconds = seconds
        self.seed = seed
    }

    /// What was measured, and what of it is wrong.
    func run() async -> (lines: [String], wrong: [String]) {
        guard let before = ProcessSample(of: process) else { return ([], ["there is no process \(process)"]) }
        for client in 0..<Self.clients { start(client) }
        var samples: [ProcessSample] = []
        let end = MonotonicTime.now + .seconds(seconds)
        while MonotonicTime.now < end {
            await pause(.seconds(1))
            guard let sample = ProcessSample(of: process) else { return (summary(), ["the process is gone"] + told()) }
            samples.append(sample)
        }
        isOver = true
        while running > 0 { await pause(.milliseconds(50)) }
        // What was cut off lingers for a moment.
        var after = ProcessSample(of: process)
        for _ in 0..<30 where (after?.descriptors ?? 0) > before.descriptors {
            await pause(.milliseconds(200))
            after = ProcessSample(of: process)
        }
        guard let after else { return (summary(), ["the process is gone"] + told()) }
        let flatness = Flatness(before: before, during: samples, after: after)
        return (summary() + flatness.lines, flatness.faults + told())
    }

    private func summary() -> [String] { ["behaviours \(done), faults \(faults.values.reduce(0, +)), seed \(seed)"] }

    private func told() -> [String] { faults.sorted { $0.key < $1.key }.map { "\($0.value) times: \($0.key)" } }

    private func start(_ client: Int) {
        running += 1
        spawn {
            var random = SeededRandom(seed: self.seed &+ UInt64(client) &* 0x1_0000_0001)
            while !self.isOver {
                let behaviour = Behaviour.mixture.randomElement(using: &random) ?? .oneShot
                do {
                    if let fault = try await behaviour.run(self.target, &random) { self.faults[fault, default: 0] += 1 }
                } catch {
                    self.faults["no connection: \(error)", default: 0] += 1
                }
                self.done += 1
                await pause(Self.pace)
            }
            self.running -= 1
        }
    }
}
