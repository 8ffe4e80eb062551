import Testing

@testable import Postgres

/// Requests are letters, values are numbers; `log` says what became of whom.
private struct Trace {
    var pipeline = Pipeline<String, Int>()
    var log: [String] = []

    /// Returns what goes over the wire: `P` for a preparation, `E` for an execution.
    mutating func send(
        _ request: String, _ statements: [Statement], _ mode: Pipeline<String, Int>.Mode = .read
    ) -> String {
        pipeline.begin(request, mode)
        var wire = ""
        for statement in statements { wire += pipeline.step(statement) ? "PE" : "E" }
        return wire
    }

    mutating func receive(_ events: Pipeline<String, Int>.Event...) throws {
        for event in events {
            var settlements: [Pipeline<String, Int>.Settlement] = []
            try pipeline.receive(event, into: &settlements)
            log += settlements.map(describe)
        }
    }

    mutating func lose(_ error: PostgresError) { log += pipeline.lose(error).map(describe) }

    private func describe(_ settlement: Pipeline<String, Int>.Settlement) -> String {
        switch settlement.outcome {
        case .success(let values): "\(settlement.request)=\(values)"
        case .failure(let error): "\(settlement.request) failed \(error.sqlState ?? "") \(error.certainty)"
        case .rerun: "\(settlement.request) again"
        }
    }
}

private let s = Statement("s", "SELECT 1")
private let t = Statement("t", "SELECT 2")

private func failure(_ state: String) -> Pipeline<String, Int>.Event {
    .failure(PostgresError(serverState: state, constraint: nil, message: ""))
}

private let lost = PostgresError(.connectionLost, certainty: .unknown, message: "")

@Suite struct PipelineTests {
    @Test func `a statement is prepared once, in front of its first use`() throws {
        var trace = Trace()
        #expect(trace.send("a", [s, t]) == "PEPE")
        #expect(trace.send("b", [s]) == "E")
        trace.pipeline.seal()
        #expect(trace.send("c", [t]) == "E")
        trace.pipeline.seal()
        try trace.receive(.value(0), .value(1), .value(0), .value(2), .value(3), .sync)
        try trace.receive(.value(4), .sync)
        #expect(trace.log == ["a=[1, 2]", "b=[3]", "c=[4]"])
        #expect(!trace.pipeline.isAwaitingAnswers)
        #expect(trace.pipeline.inFlight == 0)
    }

    @Test func `a read is settled when its last value is there, before the Sync`() throws {
        var trace = Trace()
        _ = trace.send("a", [s])
        _ = trace.send("b", [s])
        trace.pipeline.seal()
        try trace.receive(.value(0), .value(1))
        #expect(trace.log == ["a=[1]"])
        #expect(trace.pipeline.inFlight == 1)
    }

    @Test func `a write is settled only by its Sync`() throws {
        var trace = Trace()
        _ = trace.send("w", [s], .write)
        trace.pipeline.seal()
        try trace.receive(.value(0), .value(1))
        #expect(trace.log == [])
        try trace.receive(.sync)
        #expect(trace.log == ["w=[1]"])
    }

    @Test func `an error fails its own read, spares those before it and sends those behind it again`() throws {
        var trace = Trace()
        for request in ["a", "b", "c", "d"] { _ = trace.send(request, [s]) }
        trace.pipeline.seal()
        try trace.receive(.value(0), .value(1), failure("22012"), .aborted, .aborted)
        #expect(trace.log == ["a=[1]"])
        try trace.receive(.sync)
        #expect(trace.log == ["a=[1]", "b failed 22012 rejected", "c again", "d again"])
        #expect(trace.pipeline.inFlight == 0)
    }

    @Test func `a request whose second step fails, fails as a whole and once`() throws {
        var trace = Trace()
        _ = trace.send("a", [s, s, s])
        trace.pipeline.seal()
        try trace.receive(.value(0), .value(1), failure("22012"), .aborted, .sync)
        #expect(trace.log == ["a failed 22012 rejected"])
    }

    @Test func `a statement that cannot be prepared fails who brought it and is prepared anew for the next`() throws {
        var trace = Trace()
        _ = trace.send("a", [s])
        _ = trace.send("b", [s])
        trace.pipeline.seal()
        try trace.receive(failure("42703"), .aborted, .aborted, .sync)
        #expect(trace.log == ["a failed 42703 rejected", "b again"])
        #expect(trace.send("b", [s]) == "PE")
    }

    @Test func `a preparation skipped in one batch makes the next batch's use run again`() throws {
        var trace = Trace()
        _ = trace.send("a", [t])
        _ = trace.send("b", [s])
        trace.pipeline.seal()
        #expect(trace.send("c", [s]) == "E")
        trace.pipeline.seal()
        try trace.receive(.value(0), failure("22012"), .aborted, .aborted, .sync)
        #expect(trace.send("b", [s]) == "PE")
        trace.pipeline.seal()
        try trace.receive(failure("26000"), .sync)
        // The preparation that is on its way counts: no second one, which the server would refuse.
        #expect(trace.send("c", [s]) == "E")
        trace.pipeline.seal()
        try trace.receive(.value(0), .value(5), .sync, .value(6), .sync)
        #expect(trace.log == ["a failed 22012 rejected", "b again", "c again", "b=[5]", "c=[6]"])
    }

    @Test func `a statement that the server forgot is prepared again`() throws {
        var trace = Trace()
        _ = trace.send("a", [s], .write)
        trace.pipeline.seal()
        try trace.receive(.value(0), .value(1), .sync)
        #expect(trace.send("b", [s], .write) == "E")
        trace.pipeline.seal()
        try trace.receive(failure("26000"), .sync)
        #expect(trace.log == ["a=[1]", "b again"])
        #expect(trace.send("b", [s], .write) == "PE")
    }

    @Test func `a plan that no longer fits its table retires the connection`() throws {
        var trace = Trace()
        _ = trace.send("a", [s])
        trace.pipeline.seal()
        try trace.receive(.value(0), failure("0A000"), .sync)
        #expect(trace.log == ["a again"])
        #expect(trace.pipeline.isStale)
    }

    @Test func `an error of the commit fails a write whose statements succeeded`() throws {
        var trace = Trace()
        _ = trace.send("w", [s, t], .write)
        trace.pipeline.seal()
        try trace.receive(.value(0), .value(1), .value(0), .value(2), failure("23503"), .sync)
        #expect(trace.log == ["w failed 23503 rejected"])
    }

    @Test func `a lost connection: reads run again, writes are unknown, what had no Sync was not sent`() throws {
        var trace = Trace()
        _ = trace.send("r", [s])
        trace.pipeline.seal()
        _ = trace.send("w", [s], .write)
        trace.pipeline.seal()
        _ = trace.send("v", [s], .write)
        trace.lose(lost)
        #expect(trace.log == ["r again", "w failed  unknown", "v failed  notSent"])
        #expect(trace.pipeline.inFlight == 0)
    }

    @Test func `a lost connection does not change a verdict that was already heard`() throws {
        var trace = Trace()
        _ = trace.send("w", [s], .write)
        trace.pipeline.seal()
        try trace.receive(.value(0), failure("23505"))
        trace.lose(lost)
        #expect(trace.log == ["w failed 23505 rejected"])
    }

    @Test func `a read that was given up for its time is not sent again`() {
        var trace = Trace()
        _ = trace.send("r", [s])
        trace.pipeline.seal()
        trace.lose(PostgresError(.timeout, certainty: .unknown, message: ""))
        #expect(trace.log == ["r failed  unknown"])
    }

    @Test func `answers out of step are an error`() throws {
        var early = Trace()
        _ = early.send("a", [s])
        early.pipeline.seal()
        #expect(throws: PostgresError.self) { try early.receive(.sync) }

        var unasked = Trace()
        #expect(throws: PostgresError.self) { try unasked.receive(.value(1)) }

        var surplus = Trace()
        _ = surplus.send("a", [s])
        surplus.pipeline.seal()
        try surplus.receive(.value(0), .value(1))
        #expect(throws: PostgresError.self) { try surplus.receive(.value(2)) }
    }

    @Test func `a Sync out of step loses nobody: all are told once the connection is given up`() throws {
        var early = Trace()
        _ = early.send("r", [s])
        _ = early.send("q", [s, t])
        early.pipeline.seal()
        _ = early.send("w", [s], .write)
        early.pipeline.seal()
        try early.receive(.value(0), .value(1))
        #expect(throws: PostgresError.self) { try early.receive(.sync) }
        early.lose(lost)
        #expect(early.log == ["r=[1]", "q again", "w failed  unknown"])

        var unsealed = Trace()
        _ = unsealed.send("v", [s], .write)
        try unsealed.receive(.value(0), .value(1))
        #expect(throws: PostgresError.self) { try unsealed.receive(.sync) }
        unsealed.lose(lost)
        #expect(unsealed.log == ["v failed  notSent"])
    }
}
