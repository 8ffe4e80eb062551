import Testing

/// The judge of `KillTests`, on made-up books.
@Suite struct KillLedgerTests {
    private static func faults(
        received: [String: Int], _ messages: [String: [KillLedger.Entry]], acknowledged: [String: Int64],
        inFlight: Set<Int64> = [], answersLost: Int = 0
    ) -> [String] {
        KillLedger(received: received, messages: messages)
            .faults(acknowledged: acknowledged, inFlight: inFlight, answersLost: answersLost)
    }

    private static func entry(_ id: Int64, _ status: String) -> [KillLedger.Entry] { [.init(id: id, status: status)] }

    @Test func `what was kept is not complained of`() {
        let messages = [
            "a": Self.entry(1, "delivered"), "b": Self.entry(2, "failed"), "c": Self.entry(3, "unknown"),
            "d": Self.entry(4, "unknown"),
        ]
        let faults = Self.faults(
            received: ["a": 1], messages, acknowledged: ["a": 1, "b": 2, "c": 3, "d": 4], inFlight: [3],
            answersLost: 1)
        #expect(faults == [])
    }

    @Test func `each broken promise is told`() {
        let delivered = Self.entry(1, "delivered")
        #expect(Self.faults(received: ["a": 2], ["a": delivered], acknowledged: ["a": 1]) == ["sent 2 times: a"])
        #expect(
            Self.faults(received: ["a": 1], ["a": delivered + Self.entry(2, "failed")], acknowledged: ["a": 1])
                == ["written 2 times: a"])
        #expect(Self.faults(received: ["a": 1], [:], acknowledged: [:]) == ["sent, and not written: a"])
        #expect(Self.faults(received: [:], [:], acknowledged: ["a": 1]) == ["acknowledged, and not written: a"])
        #expect(
            Self.faults(received: ["a": 1], ["a": delivered], acknowledged: ["a": 2])
                == ["acknowledged as 2, written as 1: a"])
        #expect(
            Self.faults(received: [:], ["a": Self.entry(1, "accepted")], acknowledged: ["a": 1])
                == ["lost as accepted: a"])
        #expect(
            Self.faults(received: ["a": 1], ["a": Self.entry(1, "failed")], acknowledged: ["a": 1])
                == ["arrived, and told as failed: a"])
        #expect(
            Self.faults(received: [:], ["a": Self.entry(1, "unknown")], acknowledged: ["a": 1])
                == ["1 unknown that were not in flight, and 0 answers lost"])
    }
}
