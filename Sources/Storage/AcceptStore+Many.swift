import Domain
import Postgres

extension AcceptStore {
    /// Many sends of an account, none under a key, as part of a larger write.
    ///
    /// - Returns: their messages, in the order of the sends.
    /// - Throws: `StorageError.Outdated` when a contact has gone into another, or is no more.
    @PostgresActor
    static func accept(_ sends: [Submission], in write: WriteTransaction) async throws -> [Message.ID?] {
        var messages = [Message.ID?](repeating: nil, count: sends.count)
        do {
            for round in rounds(of: sends) {
                let part = round.map { sends[$0] }
                let rows = try await write.transaction.query(insert, parameters(part))
                for (place, accepted) in zip(round, try accepted([rows], part)) {
                    messages[place] = accepted?.standing.message.id
                }
            }
        } catch {
            if (error as? PostgresError)?.isForeignKeyViolation == true { throw StorageError.Outdated() }
            throw error
        }
        return messages
    }

    /// One statement touches a thread once, so that a person with several leads is written to in as many rounds. Threads
    /// are locked in the order of all others who send.
    nonisolated private static func rounds(of sends: [Submission]) -> [[Int]] {
        let ordered = sends.indices.sorted {
            (sends[$0].contactID, sends[$0].instanceID, $0) < (sends[$1].contactID, sends[$1].instanceID, $1)
        }
        var rounds: [[Int]] = []
        var run = 0
        for (place, index) in ordered.enumerated() {
            let before = place > 0 ? sends[ordered[place - 1]] : nil
            let isSame = before?.contactID == sends[index].contactID && before?.instanceID == sends[index].instanceID
            run = isSame ? run + 1 : 0
            if rounds.count == run { rounds.append([]) }
            rounds[run].append(index)
        }
        return rounds
    }
}
