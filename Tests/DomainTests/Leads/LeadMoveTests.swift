import Domain
import Testing

/// Where a lead goes, and what becomes of it there.
@Suite struct LeadMoveTests {
    private static let now = LeadPatchTests.now
    private static let sales = Pipeline(
        id: .init(1), name: "Vendas",
        stages: [stage(10, "Novo"), stage(11, "Proposta"), stage(12, "Ganho", .won), stage(13, "Perdido", .lost)])
    private static let plain = Pipeline(id: .init(2), name: "Simples", stages: [stage(20, "Um"), stage(21, "Dois")])
    private static let empty = Pipeline(id: .init(3), name: "Vazio", stages: [])

    private static func stage(_ id: Int64, _ name: String, _ end: Lead.Status = .open) -> Domain.Stage {
        Domain.Stage(
            id: .init(id), name: name, color: "#000000", isWon: end == .won, isLost: end == .lost, requiredTasks: [])
    }

    private static func moved(
        _ goal: LeadMove.Goal, _ lead: Lead = LeadPatchTests.lead, pipeline: Int64? = nil, stage: Int64? = nil
    ) throws -> Lead {
        try LeadMove(
            goal, pipelineID: pipeline.map { Pipeline.ID($0) }, stageID: stage.map { Domain.Stage.ID($0) }
        ).applied(to: lead, pipelines: [empty, sales, plain], now: now)
    }

    private static func events(_ before: Lead, _ after: Lead) -> [LeadEvent] {
        LeadChanges(from: before, to: after).events
    }

    @Test func `the stage decides what the lead is in it`() throws {
        let open = LeadPatchTests.lead
        let proposed = try Self.moved(.stage, stage: 11)
        #expect(proposed.stage?.name == "Proposta")
        #expect(proposed.status == .open)
        #expect(Self.events(open, proposed) == [.stageChanged])

        let won = try Self.moved(.stage, stage: 12)
        #expect(won.status == .won)
        #expect(won.wonAt == Self.now)
        #expect(Self.events(open, won) == [.stageChanged, .won])

        let lost = try Self.moved(.stage, won, stage: 13)
        #expect(lost.status == .lost)
        #expect(lost.wonAt == nil)
        #expect(lost.lostAt == Self.now)
        #expect(Self.events(won, lost) == [.stageChanged, .lost])

        let again = try Self.moved(.stage, lost, stage: 10)
        #expect(again.status == .open)
        #expect(again.lostAt == nil)
        #expect(Self.events(lost, again) == [.stageChanged])
    }

    @Test func `won and lost find their stage, or stand where they are`() throws {
        #expect(try Self.moved(.won).stage?.id == 12)
        #expect(try Self.moved(.lost(reason: .keep)).stage?.id == 13)
        let inPlain = try Self.moved(.won, pipeline: 2)
        #expect(inPlain.stage?.id == 20)
        #expect(inPlain.pipeline?.name == "Simples")
        #expect(inPlain.status == .won)
        // It stays won while it stays, and is open again when it goes on.
        #expect(try Self.moved(.stage, inPlain, stage: 20) == inPlain)
        #expect(try Self.moved(.stage, inPlain, stage: 21).status == .open)
    }

    @Test func `winning twice is winning once`() throws {
        let won = try Self.moved(.won)
        let later = try LeadMove(.won).applied(
            to: won, pipelines: [Self.sales], now: Timestamp(seconds: 1_900_000_000))
        #expect(later == won)
    }

    @Test func `a lost lead keeps its reason until it is given another, or is lost no more`() throws {
        let lost = try Self.moved(.lost(reason: .set(5)))
        #expect(lost.lostReasonID == 5)
        #expect(try Self.moved(.lost(reason: .keep), lost).lostReasonID == 5)
        let other = try Self.moved(.lost(reason: .set(6)), lost)
        #expect(other.lostAt == lost.lostAt)
        #expect(Self.events(lost, other) == [.updated])
        #expect(try Self.moved(.won, lost).lostReasonID == nil)
    }

    @Test func `a new lead comes into the first pipeline that has a stage`() throws {
        let blank = Lead.blank(of: Account.ID(1), currency: "BRL", now: Self.now)
        #expect(try Self.moved(.stage, blank).stage?.id == 10)
        #expect(try Self.moved(.stage, blank, pipeline: 2).stage?.id == 20)
        #expect(try Self.moved(.stage, blank, stage: 12).status == .won)
    }

    @Test(
        arguments: [
            (9, nil, .pipelineNotFound), (9, 10, .pipelineNotFound), (2, 10, .stageNotFound), (nil, 99, .stageNotFound),
            (3, nil, .stageNotFound),
        ] as [(Int64?, Int64?, LeadMove.Fault)])
    func `a place that there is not is refused`(
        _ pipeline: Int64?, _ stage: Int64?, _ fault: LeadMove.Fault
    ) {
        #expect(throws: fault) { try Self.moved(.stage, pipeline: pipeline, stage: stage) }
    }

    @Test func `a stage of the wrong end is refused`() {
        #expect(throws: LeadMove.Fault.stageIsNotWon) { try Self.moved(.won, stage: 13) }
        #expect(throws: LeadMove.Fault.stageIsNotLost) { try Self.moved(.lost(reason: .keep), stage: 11) }
    }
}
