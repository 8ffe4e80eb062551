import EventLoop

/// A client like any other that asks at an even pace, on a connection that it keeps and on new ones by turns, and keeps
/// the times.
@Reactor
struct Watch {
    let address: SocketAddress
    let path: String
    let seconds: Int

    private static let pace = Duration.milliseconds(5)

    /// `asked 1234 failed 0 p50 0.211 p99 1.532 longest 4.010`, in milliseconds.
    func run() async -> String {
        let end = MonotonicTime.now + .seconds(seconds)
        var times: [Int64] = []
        var failed = 0
        var kept: Wire?
        var asked = 0
        while MonotonicTime.now < end {
            asked += 1
            let isNew = asked % 4 == 0
            let began = MonotonicTime.now
            do {
                let wire = if !isNew, let kept, !kept.hasEnded { kept } else { try Wire(address) }
                if !isNew { kept = wire }
                let closing = isNew ? "Connection: close\r\n" : ""
                await wire.send("GET \(path) HTTP/1.1\r\nHost: load\r\n\(closing)\r\n")
                let (answers, areAll) = await wire.answers(1)
                if areAll, answers[0].status == 200 {
                    times.append((MonotonicTime.now - began).inNanoseconds)
                    if answers[0].closes, !isNew { kept = nil }
                } else {
                    failed += 1
                    if !isNew { kept = nil }
                }
                if isNew || !areAll { wire.close() }
            } catch {
                failed += 1
            }
            await pause(Self.pace)
        }
        kept?.close()
        times.sort()
        func part(_ share: Double) -> String {
            times.isEmpty ? "none" : Self.milliseconds(times[min(times.count - 1, Int(Double(times.count) * share))])
        }
        return "asked \(asked) failed \(failed) p50 \(part(0.5)) p99 \(part(0.99)) longest \(part(1))"
    }

    private static func milliseconds(_ nanoseconds: Int64) -> String {
        let micro = nanoseconds / 1_000
        let rest = String(micro % 1_000)
        return "\(micro / 1_000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}

extension Duration {
    fileprivate var inNanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
