import EventLoop
import Testing

@testable import Postgres

@Suite struct SQLStateTests {
    @Test(arguments: [
        ("40001", "lostRace"), ("40P01", "lostRace"), ("57P01", "serverAway"), ("57P02", "serverAway"),
        ("57P03", "serverAway"), ("08000", "serverAway"), ("08P01", "serverAway"), ("25006", "readOnly"),
        ("53100", "exhausted"), ("53300", "exhausted"), ("58030", "exhausted"), ("57014", "stopped"),
        ("55P03", "stopped"), ("28P01", "setUpWrongly"), ("3D000", "setUpWrongly"), ("23505", "uniqueViolation"),
        ("42601", "other"), ("", "other"), ("XX000", "other"),
    ])
    func `each state has one meaning`(_ state: String, _ meaning: String) {
        #expect("\(SQLState.meaning(of: state))" == meaning)
    }

    @Test func `the SQLSTATE of a refused connection is read out of libpq's words`() {
        let refused = ConnectFailure(
            "connection to server at \"127.0.0.1\", port 1 failed: FATAL:  28P01: password authentication failed for"
                + " user \"x\"\nLOCATION:  auth_failed, auth.c:338")
        #expect(refused.sqlState == "28P01")
        #expect(refused.error.code == .misconfigured)
        #expect(!refused.message.contains("LOCATION"))
        let starting = ConnectFailure("connection failed: FATAL:  57P03: the database system is starting up")
        #expect(starting.error.code == .connectFailed)
        #expect(starting.error.isRetryable)
        let absent = ConnectFailure("connection to server at \"h\", port 1 failed: Connection refused")
        #expect(absent.sqlState == nil)
        #expect(absent.error.isUnavailable)
        #expect(ConnectFailure("invalid sslmode value: \"x\"").error.code == .misconfigured)
    }

    @Test func `a transaction is run again for what may pass, a few times, and not for its own fault`() {
        func pauses(
            _ error: any Error, _ patience: TransactionRetry.Patience = .ofCaller, lostRace: Bool = false,
            isRepeatable: Bool = false, after: Duration = .zero
        ) -> Int {
            var retry = TransactionRetry(patience, began: MonotonicTime(nanoseconds: 0))
            var count = 0
            while retry.pause(
                after: error, lostRace: lostRace, isRepeatable: isRepeatable,
                now: MonotonicTime(nanoseconds: after.nanoseconds), random: 0.5) != nil
            { count += 1 }
            return count
        }
        func server(_ state: String) -> PostgresError {
            PostgresError(serverState: state, constraint: nil, message: "")
        }
        let lost = PostgresError(.connectionLost, certainty: .unknown, message: "")
        #expect(pauses(server("40001")) == 4)
        #expect(pauses(server("40P01")) == 4)
        #expect(pauses(server("23505")) == 4)
        #expect(pauses(server("23503")) == 0)
        #expect(pauses(server("53100")) == 0)
        #expect(pauses(lost) == 0)
        #expect(pauses(lost, isRepeatable: true) == 4)
        #expect(pauses(lost, isRepeatable: true, after: .seconds(6)) == 0)
        #expect(pauses(PostgresError.cancelled(.notSent), isRepeatable: true) == 0)
        // Its caller has waited for a connection already.
        for code in [PostgresError.Code.connectFailed, .poolExhausted, .closed, .misconfigured] {
            #expect(pauses(PostgresError(code, certainty: .notSent, message: ""), isRepeatable: true) == 0)
        }
        #expect(pauses(CancellationError()) == 0)
        #expect(pauses(CancellationError(), lostRace: true) == 4)
        #expect(pauses(CancellationError(), .ofWorker, lostRace: true, after: .seconds(59)) == 19)
        #expect(pauses(CancellationError(), .ofWorker, lostRace: true, after: .seconds(60)) == 0)
    }

    @Test func `the pause doubles, less up to a half`() {
        var retry = TransactionRetry(began: .now)
        let error = PostgresError(serverState: "40001", constraint: nil, message: "")
        let pauses = [0.0, 0, 0, 1].map { random in
            retry.pause(after: error, lostRace: false, isRepeatable: false, now: .now, random: random)
        }
        #expect(pauses == [5, 10, 20, 20].map { .milliseconds($0) })
        var worker = TransactionRetry(.ofWorker, began: .now)
        let longest = (1...19).compactMap { _ in
            worker.pause(after: error, lostRace: false, isRepeatable: false, now: .now, random: 0)
        }.max()
        #expect(longest == .milliseconds(200))
    }
}
