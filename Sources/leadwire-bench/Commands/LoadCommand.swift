import Crypto
import EventLoop
import Foundation

/// `load`: fills an empty, migrated database with a large installation's rows. A server that is given the same
/// `LEADWIRE_SECRET_KEY` can send by its number.
@Reactor
enum LoadCommand {
    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        guard let database = options.database else {
            throw BenchError("--database names the empty, migrated database to fill")
        }
        let start = MonotonicTime.now
        let secretKey = ProcessInfo.processInfo.environment["LEADWIRE_SECRET_KEY"]
        let data = try await Dataset.load(
            into: database, secretKey: secretKey ?? Hex.encode(SecureRandom.bytes(32)), provider: "http://127.0.0.1:9",
            leads: options.leads ?? 1_000_000, accounts: 1000)
        Console.line("a key of account 1: \(data.key)")
        let seconds = Double((MonotonicTime.now - start).nanoseconds) / 1e9
        return [
            Row(
                work: "1,000 accounts, one of \(data.leads) leads", ours: "", judged: Spread([seconds / 60]),
                format: { Figures.ratio($0) + " min" })
        ]
    }
}
