import Domain
package import Postgres

/// Every named statement of this room, for the tests that hold all of them to a rule.
package enum StatementCatalog {
    /// What an event about the message `m` tells, for those who write the same rows by hand to compare.
    package static let messageEventData = MessageStore.eventData

    package static let all: [Statement] =
        [
            AccountStore.insert, AccountStore.selectAll, AccountStore.updateStatus, AccountStore.selectOne,
            AccountStore.lock, AccountStore.update,
            APIKeyStore.insert, APIKeyStore.create, APIKeyStore.selectByHash, APIKeyStore.selectOfAccount,
            APIKeyStore.updateRevoked,
            APIKeyStore.lock, APIKeyStore.selectInstances, APIKeyStore.update, APIKeyStore.revokeOne,
            APIKeyStore.insertOverlap, APIKeyStore.deleteOverlaps, APIKeyStore.updateToken,
            UserStore.selectAll, UserStore.selectOne, UserStore.selectIDs, UserStore.lock, UserStore.selectByEmail,
            UserStore.insert, UserStore.update, UserStore.delete,
            TaskStore.selectOne, TaskStore.lock, LeadStore.selectExisting, TaskStore.insert, TaskStore.update,
            TaskStore.delete, TaskStore.insertRequired,
            CustomFieldStore.selectAll, CustomFieldStore.selectOne, CustomFieldStore.lock, CustomFieldStore.insert,
            CustomFieldStore.update, CustomFieldStore.delete, CustomFieldStore.countLeads,
            CustomFieldStore.selectTemplates, CustomFieldStore.clearLeads, CustomFieldStore.clearMappings,
            SequenceStore.selectAll, SequenceStore.selectOne, SequenceStore.selectAllSteps, SequenceStore.selectSteps,
            SequenceStore.lock, SequenceStore.selectTemplates, SequenceStore.insert, SequenceStore.update,
            SequenceStore.deleteSteps, SequenceStore.insertSteps, SequenceStore.countActive,
            SequenceStore.deleteEnrolments, SequenceStore.delete, SequenceStore.selectEnrolments,
            SequenceStore.insertEnrolment, SequenceStore.selectActive, SequenceStore.updateExited,
            EventStore.insert,
            RateStore.takeBlock, RateStore.deleteOld, NumberPaceStore.addReports, TierStore.addCounts,
            TierStore.deletePast, TierStore.selectCounts,
            AuditStore.insert,
            PipelineStore.selectAll, PipelineStore.selectOne, PipelineStore.lock, PipelineStore.insertPipeline,
            PipelineStore.insertStages, PipelineStore.update, PipelineStore.updateStage, PipelineStore.reorderStages,
            PipelineStore.deleteStage, PipelineStore.deleteStages, PipelineStore.deletePipeline,
            PipelineStore.countLeads,
            LostReasonStore.selectAll, LostReasonStore.lock, LostReasonStore.insert, LostReasonStore.update,
            LostReasonStore.countLeads, LostReasonStore.delete,
            LeadStore.pageByJoins,
            LeadStore.selectOne, LeadStore.findContacts, LeadStore.lockContacts, LeadStore.insertContacts,
            LeadStore.insertIdentifiers, LeadStore.findStage, LeadStore.findExternal, LeadStore.insertLeads,
            LeadStore.lockContact, LeadStore.lock, LeadStore.selectArchivedToo, LeadStore.update,
            LeadStore.updateContacts, LeadStore.touch, LeadStore.deleteIdentifiers, LeadStore.readdress,
            LeadStore.insertEvents, LeadStore.lockForUpsert, LeadStore.selectForUpsert, LeadStore.nextIDs,
            LeadStore.selectPending,
            InstanceStore.insert, InstanceStore.selectAll, InstanceStore.selectAccess, InstanceStore.updateAccess,
            InstanceStore.updateStatus, InstanceStore.selectWaiting, InstanceStore.updateMessagingLimit,
            InstanceStore.selectAccounts, InstanceStore.lock, InstanceStore.updatePacing,
            TemplateStore.select, TemplateStore.selectOne, TemplateStore.upsert,
            SendContextStore.selectLeads, SendContextStore.selectAddresses, SendContextStore.selectConversations,
            SendContextStore.selectTemplates, SendContextStore.selectApproved,
            SendContextStore.selectApprovedOfInstance, SendContextStore.selectReplyTargets,
            SendContextStore.selectKeys, SendContextStore.selectFacts,
            StatisticsStore.selectOutgrown,
            ParkedStatusStore.insert, ParkedStatusStore.selectFound, ParkedStatusStore.delete,
            ParkedStatusStore.deleteOld,
            AcceptStore.insert, AcceptStore.selectOwn,
            SendContextStore.selectMedia,
            AttemptStore.updatePreset, AttemptStore.updateMedium, AttemptStore.updateLease, AttemptStore.settleAccepted,
            AttemptStore.settleEnded,
            AttemptStore.settleRequeued,
            OutboxStore.selectReadyNumbers, OutboxStore.claimSingle, OutboxStore.claimOfBatches,
            OutboxStore.postponeTaking, OutboxStore.rescueExpired, OutboxStore.expireOverdue,
            AttemptStore.updateFallback, MessageStore.selectKept, MessageStore.cancelQueued,
            MessageStore.settleUnknown, MessageStore.retryEnded, TraceStore.selectMessage, TraceStore.selectAttempts,
            TraceStore.selectNews, TraceStore.selectRequests, IdempotencyStore.updateMessage,
            MessageStore.selectOne, TimelineStore.select(.short), WindowStore.selectOfLead,
            IdempotencyStore.select, IdempotencyStore.insert, IdempotencyStore.updateAnswer,
            IdempotencyStore.deleteOld,
            HookStore.insert, HookStore.selectByToken, HookStore.insertBody, HookStore.selectPending,
            HookStore.updateProcessed,
            MediaStore.insertExpected, MediaStore.insertFetch, MediaStore.deleteExpected, MediaStore.claimFetches,
            MediaStore.deleteChunks, MediaStore.finishFetch, MediaStore.delayFetch, MediaStore.failFetch,
            MediaStore.selectOne, MediaStore.selectChunk, MediaStore.selectUpload, MediaStore.upsertUpload,
            MediaStore.deleteUpload, MediaStore.insert, MediaStore.insertChunk, MediaStore.complete,
            MediaStore.deletePartial, MediaStore.deleteAbandoned, MediaStore.deleteUnused,
            InboundStore.selectInstance, InboundStore.selectKnown, InboundStore.findLead,
            InboundStore.upsertConversation,
            InboundStore.insertMessage, InboundStore.insertStop, InboundStore.insertPreference,
            InboundStore.applyStatus,
            Database.ping,
        ]
        + [LeadStore.Filter(), .init(stageID: 1)].flatMap {
            [
                LeadStore.selectPage($0, .short, isFirst: true), LeadStore.selectPage($0, .short, isFirst: false),
                LeadStore.selectCount($0), LeadStore.selectAfter($0, .short),
            ]
        } + leadLists + tasks + contacts + imports + inbox + batches

    /// The filtered lists, which are put together for each request: every filter alone, and all together in every
    /// order. They share their names, which are numbered here.
    private static var leadLists: [Statement] {
        let time = Timestamp(seconds: 0)
        let filters: [(inout LeadFilter) -> Void] = [
            { $0.pipelineID = 1 }, { $0.stageID = 1 }, { $0.assignedTo = 1 }, { $0.source = "a" },
            { $0.status = .open }, { $0.status = .archived }, { $0.tags = ["a"] }, { $0.q = "a" }, { $0.q = "12" },
            { $0.q = "ana" }, { $0.q = "119" }, { $0.updatedSince = time }, { $0.createdFrom = time },
            { $0.createdBefore = time },
            { $0.window = .init(.open, within: .zero, now: time) },
            { $0.window = .init(.closing, within: .zero, now: time) },
            { $0.window = .init(.closed, within: .zero, now: time) }, { $0.instances = [] },
            { ($0.window, $0.order) = (.init(.closing, within: .zero, now: time), .window) },
        ]
        var all = LeadFilter()
        for filter in filters { filter(&all) }
        let combinations = filters.map { edit in
            var filter = LeadFilter()
            edit(&filter)
            return filter
        }
        let position = LeadFilter.Position(id: 1, key: "1", until: time, snapshot: ReadSnapshot("5:3,4"))
        var statements: [Statement] = []
        let ordered = LeadFilter.Order.allCases.map { order in
            var filter = all
            filter.order = order
            return filter
        }
        for filter in combinations + ordered {
            var counting = LeadSelection(filter, of: Account.ID(1))
            statements += [
                LeadStore.step(filter, [], of: Account.ID(1), after: nil, rows: 1, offset: 1, now: time).0,
                LeadStore.export(filter, of: Account.ID(1)).0,
                LeadStore.step(
                    filter, LeadStore.Inclusion.allCases, of: Account.ID(1), after: position, rows: 1, offset: 0,
                    now: time
                ).0, counting.count(),
            ]
        }
        let included = LeadStore.Included(LeadStore.Inclusion.allCases, instances: [], now: time, after: 2)
        statements.append(LeadStore.selectOne(including: included))
        return numbered(statements)
    }

    /// Those that share a name, each with one of its own.
    static func numbered(_ statements: [Statement]) -> [Statement] {
        var seen: Set<String> = []
        return statements.enumerated().map { number, statement in
            let isFirst = seen.insert(statement.name).inserted
            return Statement(isFirst ? statement.name : "\(statement.name)_\(number)", statement.sql)
        }
    }

    /// Every condition at once, and none.
    private static let tasks = [TaskStore.Filter(), .every].flatMap { filter in
        let all = filter.conditions(Account.ID(1))
        var (first, further) = (all, all)
        first.limit(PageLength.short.rawValue)
        further.limit(PageLength.short.rawValue, after: 1)
        return [TaskStore.selectCount(all), TaskStore.selectPage(first), TaskStore.selectPage(further)]
    }

    /// Those that are asked before an account is known, or serve all accounts at once, each with the reason.
    package static let acrossAccounts: [String: String] = [
        "api_key_by_hash": "finds the account",
        "hook_by_token": "finds the hook, which belongs to no account",
        "hook_body_insert": "raw bodies belong to the hook",
        "hook_body_pending": "raw bodies belong to the hook",
        "hook_body_processed": "raw bodies belong to the hook",
        "hook_insert": "a hook belongs to no account",
        "instance_waiting": "lists the instances of all accounts that wait for their provider",
        "inbound_failures_claim": "takes what is due of all accounts",
        "inbound_reach": "asks whether another account's number is under the hook",
        "instance_accounts_of_business": "finds the accounts by the hook and the business account",
        "inbound_instance": "finds the account by the hook and the provider's key",
        "account_insert": "makes the account",
        "account_list": "the operator's list",
        "account_set_status": "the account is the row itself",
        "media_fetch_claim": "takes what is due of all accounts",
        "media_forget_partial": "drops what never arrived, of all accounts",
        "media_forget_unused": "drops what no message has, of all accounts",
        "rate_forget": "drops what is too old, of all accounts",
        "idempotency_forget": "drops what is too old, of all accounts",
        "parked_status_found": "lists what a message has been found for, of all accounts",
        "parked_status_forget": "drops what is too old, of all accounts",
        "outbox_ready_numbers": "lists the numbers of all accounts that have something due",
        "number_pace_add": "tells what this process sent by the numbers of all accounts",
        "outbox_expire": "gives up what is past its time, of all accounts",
        "outbox_rescue": "gives up expired leases, of all accounts",
        "batch_claim": "finds whose batch is next",
        "import_claim": "finds whose import is next",
        "import_fail_lapsed": "gives up what stopped processes received, of all accounts",
        "import_forget_lines": "drops what is too old, of all accounts",
        "import_forget": "drops what is too old, of all accounts",
        "ping": "touches no table",
    ]
}

extension TaskStore.Filter {
    fileprivate static var every: Self {
        var filter = Self()
        filter.leadID = 1
        filter.assignedTo = 1
        filter.status = .pending
        filter.kind = .call
        filter.priority = .low
        filter.dueFrom = "2026-01-01"
        filter.dueTo = "2026-12-31"
        return filter
    }
}
