/// Where a lead goes, and what becomes of it there.
package struct LeadMove: Sendable {
    package enum Goal: Sendable {
        /// The stage says whether the lead is won or lost with it.
        case stage
        case won
        case lost(reason: Change<Int64?>)
    }

    package enum Fault: Error, Sendable, Hashable {
        case pipelineNotFound
        case stageNotFound
        /// The stage that is given is none of those that won leads go to.
        case stageIsNotWon
        case stageIsNotLost
    }

    package var goal: Goal
    package var pipelineID: Pipeline.ID?
    package var stageID: Stage.ID?

    package init(_ goal: Goal, pipelineID: Pipeline.ID? = nil, stageID: Stage.ID? = nil) {
        self.goal = goal
        self.pipelineID = pipelineID
        self.stageID = stageID
    }

    /// The lead in its new place; the same lead when that is where it is. One that is in no pipeline yet comes into the
    /// first, unless it is told where.
    ///
    /// - Parameter pipelines: all of the account's, in their order.
    package func applied(to lead: Lead, pipelines: [Pipeline], now: Timestamp) throws(Fault) -> Lead {
        let (pipeline, stage) = try place(for: lead, pipelines)
        var new = lead
        new.pipeline = Lead.Reference(id: pipeline.id.rawValue, name: pipeline.name)
        new.stage = Lead.Reference(id: stage.id.rawValue, name: stage.name)
        switch goal {
        case .won: new.win(now)
        case .lost(let reason): new.lose(now, reason)
        case .stage:
            // What stays where it is keeps its end, won in an open stage too.
            guard stage.id.rawValue != lead.stage?.id else { return lead }
            if stage.isWon {
                new.win(now)
            } else if stage.isLost {
                new.lose(now, .keep)
            } else {
                new.reopen()
            }
        }
        return new
    }

    private func place(for lead: Lead, _ pipelines: [Pipeline]) throws(Fault) -> (Pipeline, Stage) {
        if let stageID {
            guard
                let pipeline = pipelines.first(where: { $0.stages.contains { $0.id == stageID } }),
                let stage = pipeline.stages.first(where: { $0.id == stageID }),
                pipelineID == nil || pipelineID == pipeline.id
            else {
                if let pipelineID, !pipelines.contains(where: { $0.id == pipelineID }) { throw .pipelineNotFound }
                throw .stageNotFound
            }
            switch goal {
            case .won where !stage.isWon: throw .stageIsNotWon
            case .lost where !stage.isLost: throw .stageIsNotLost
            default: return (pipeline, stage)
            }
        }
        let current = pipelines.first { $0.id.rawValue == lead.pipeline?.id }
        let pipeline: Pipeline
        if let pipelineID {
            guard let given = pipelines.first(where: { $0.id == pipelineID }) else { throw .pipelineNotFound }
            pipeline = given
        } else {
            guard let own = current ?? pipelines.first(where: { !$0.stages.isEmpty }) else { throw .pipelineNotFound }
            pipeline = own
        }
        let here = pipeline.id == current?.id ? pipeline.stages.first { $0.id.rawValue == lead.stage?.id } : nil
        let wanted: Stage? =
            switch goal {
            case .stage: nil
            case .won: here?.isWon == true ? here : pipeline.stages.first(where: \.isWon)
            case .lost: here?.isLost == true ? here : pipeline.stages.first(where: \.isLost)
            }
        guard let stage = wanted ?? here ?? pipeline.stages.first else { throw .stageNotFound }
        return (pipeline, stage)
    }
}

extension Lead {
    fileprivate mutating func win(_ now: Timestamp) {
        wonAt = status == .won ? wonAt : now
        (status, lostAt, lostReasonID) = (.won, nil, nil)
    }

    fileprivate mutating func lose(_ now: Timestamp, _ reason: Change<Int64?>) {
        lostAt = status == .lost ? lostAt : now
        (status, wonAt) = (.lost, nil)
        lostReasonID = reason.applied(to: lostReasonID)
    }

    fileprivate mutating func reopen() {
        (status, wonAt, lostAt, lostReasonID) = (.open, nil, nil, nil)
    }
}
