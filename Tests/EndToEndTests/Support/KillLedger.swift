import EventLoop
import Postgres

@testable import Simulator

/// What the phones received beside what the database says of it.
struct KillLedger: Sendable {
    struct Entry: Sendable {
        let id: Int64
        let status: String
    }

    /// By the words: how often they arrived.
    private(set) var received: [String: Int] = [:]
    /// By the words: the messages that hold them.
    private(set) var messages: [String: [Entry]] = [:]

    init(received: [String: Int], messages: [String: [Entry]]) {
        self.received = received
        self.messages = messages
    }

    @Reactor
    static func read(from site: KillSite) async throws -> KillLedger {
        var received: [String: Int] = [:]
        for message in site.simulator.mailbox.received(at: nil) { received[message.text, default: 0] += 1 }
        let statement = Statement(
            "test_ledger", "SELECT text, id, status FROM messages WHERE direction = 'outbound'")
        var messages: [String: [Entry]] = [:]
        for row in try await site.pool.read(statement) {
            messages[try row.text(0), default: []].append(Entry(id: try row.int(1), status: try row.text(2)))
        }
        return KillLedger(received: received, messages: messages)
    }

    var arrivals: Int { received.values.reduce(0, +) }

    func count(_ status: String) -> Int { messages.values.joined().count { $0.status == status } }

    /// How a message may have ended without arriving.
    private static let excuses: Set<String> = ["failed", "unknown", "expired", "canceled"]

    /// In words; empty when every promise was kept.
    ///
    /// - Parameters:
    ///   - inFlight: the messages that were being sent when a process was killed.
    ///   - answersLost: how many answers the provider was told to lose.
    func faults(acknowledged: [String: Int64], inFlight: Set<Int64>, answersLost: Int) -> [String] {
        var faults: [String] = []
        for (words, count) in received where count > 1 { faults.append("sent \(count) times: \(words)") }
        for (words, entries) in messages where entries.count > 1 {
            faults.append("written \(entries.count) times: \(words)")
        }
        for words in received.keys where messages[words] == nil { faults.append("sent, and not written: \(words)") }
        for (words, id) in acknowledged {
            guard let entry = messages[words]?.first else {
                faults.append("acknowledged, and not written: \(words)")
                continue
            }
            if entry.id != id { faults.append("acknowledged as \(id), written as \(entry.id): \(words)") }
            let arrived = received[words] != nil
            if !arrived, !Self.excuses.contains(entry.status) { faults.append("lost as \(entry.status): \(words)") }
            // Its provider reports on each that arrives.
            if arrived, entry.status != "delivered" { faults.append("arrived, and told as \(entry.status): \(words)") }
        }
        let unexplained = messages.values.joined().count { $0.status == "unknown" && !inFlight.contains($0.id) }
        if unexplained > answersLost {
            faults.append("\(unexplained) unknown that were not in flight, and \(answersLost) answers lost")
        }
        return faults.sorted()
    }
}
