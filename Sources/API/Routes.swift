import Domain
import HTTP

/// The whole table: what is answered, to whom, by which function. The OpenAPI document is held to it by a test.
extension Route {
    static let all: [Route] =
        root + me + whatsapp + leads + pipelines + sending + batches + messages + inbox + media + people + contacts

    private static let root: [Route] = [
        Route(.get, "/ping", immediate: SystemRoutes.ping),
        Route(.get, "/healthz", immediate: SystemRoutes.health),
        Route(.get, "/readyz", .open, SystemRoutes.readiness),
        Route(.get, "/version", immediate: SystemRoutes.version),
        Route(.get, "/openapi.json", immediate: SystemRoutes.document),
        Route(.get, "/openapi.yaml", immediate: SystemRoutes.documentAsYAML),
        Route(.get, "/metrics", immediate: SystemRoutes.metrics),
        Route(.get, "/errors", immediate: ErrorRoutes.list),
        Route(.get, "/api/v1/ping", immediate: SystemRoutes.ping),
        Route(.get, "/api/v1/errors", immediate: ErrorRoutes.list),
        Route(.get, "/hooks/cloud-api/{token}", .open, HookRoutes.challenge),
        Route(.post, "/hooks/cloud-api/{token}", .open, HookRoutes.cloudAPI),
        Route(.post, "/hooks/waha/{token}", .open, HookRoutes.waha),
    ]

    private static let me: [Route] = [
        Route(.get, "/api/v1/me", .anyKey, MeRoutes.show),
        Route(.get, "/api/v1/audit-log", .needs(.auditRead), AuditRoutes.list),
    ]

    private static let whatsapp: [Route] = [
        Route(.get, "/api/v1/whatsapp/instances", .needs(.whatsappRead), InstanceRoutes.list),
        Route(.get, "/api/v1/whatsapp/instances/{id}", .needs(.whatsappRead), InstanceRoutes.show),
        Route(.patch, "/api/v1/whatsapp/instances/{id}", .needs(.whatsappManage), InstanceChangeRoutes.update),
        Route(.put, "/api/v1/whatsapp/instances/{id}", .needs(.whatsappManage), InstanceChangeRoutes.update),
        Route(.get, "/api/v1/whatsapp/templates", .needs(.whatsappRead), TemplateRoutes.list),
        Route(.get, "/api/v1/whatsapp/templates/{id}", .needs(.whatsappRead), TemplateRoutes.show),
    ]

    private static let leads: [Route] = [
        Route(.get, "/api/v1/leads", .needs(.leadsRead), reading: LeadRoutes.list),
        Route(.post, "/api/v1/leads", .needs(.leadsWrite), LeadRoutes.create),
        Route(.post, "/api/v1/leads/upsert", .needs(.leadsWrite), LeadUpsertRoutes.upsert),
        Route(.post, "/api/v1/leads/batch", .needs(.leadsWrite), LeadUpsertRoutes.batch),
        Route(.get, "/api/v1/leads/export", .needs(.leadsRead), ExportRoutes.export),
        // It looks after its key itself: what is asked is known when the last of the body is there.
        Route(.post, "/api/v1/leads/import", .needs(.leadsWrite), replaysAnswer: false, ImportRoutes.upload),
        Route(.get, "/api/v1/imports", .needs(.leadsRead), reading: ImportRoutes.list),
        Route(.get, "/api/v1/imports/{id}", .needs(.leadsRead), reading: ImportRoutes.show),
        Route(.get, "/api/v1/imports/{id}/lines", .needs(.leadsRead), reading: ImportRoutes.lines),
        Route(.post, "/api/v1/imports/{id}/cancel", .needs(.leadsWrite), ImportRoutes.cancel),
        Route(.get, "/api/v1/leads/{id}", .needs(.leadsRead), reading: LeadRoutes.show),
        Route(.patch, "/api/v1/leads/{id}", .needs(.leadsWrite), LeadChangeRoutes.update),
        Route(.put, "/api/v1/leads/{id}", .needs(.leadsWrite), LeadChangeRoutes.update),
        Route(.delete, "/api/v1/leads/{id}", .needs(.leadsWrite), LeadChangeRoutes.delete),
        Route(.post, "/api/v1/leads/{id}/restore", .needs(.leadsWrite), LeadChangeRoutes.restore),
        Route(.put, "/api/v1/leads/{id}/stage", .needs(.leadsWrite), LeadMoveRoutes.stage),
        Route(.put, "/api/v1/leads/{id}/won", .needs(.leadsWrite), LeadMoveRoutes.won),
        Route(.put, "/api/v1/leads/{id}/lost", .needs(.leadsWrite), LeadMoveRoutes.lost),
        Route(.post, "/api/v1/leads/{id}/tags", .needs(.leadsWrite), LeadChangeRoutes.tag),
        Route(.delete, "/api/v1/leads/{id}/tags", .needs(.leadsWrite), LeadChangeRoutes.untag),
        Route(.get, "/api/v1/leads/{id}/timeline", .needs(.messagesRead), reading: TimelineRoutes.list),
        Route(.get, "/api/v1/leads/{id}/windows", .needs(.whatsappRead), reading: WindowRoutes.list),
    ]

    private static let contacts: [Route] = [
        Route(.get, "/api/v1/leads/{id}/personal-data", .needs(.privacyManage), PrivacyRoutes.ofLead),
        Route(.post, "/api/v1/leads/{id}/erase", .needs(.privacyManage), PrivacyRoutes.eraseOfLead),
        Route(.get, "/api/v1/contacts/{id}/personal-data", .needs(.privacyManage), PrivacyRoutes.ofContact),
        Route(.post, "/api/v1/contacts/{id}/erase", .needs(.privacyManage), PrivacyRoutes.eraseContact),
        Route(.get, "/api/v1/contacts", .needs(.contactsRead), reading: ContactRoutes.list),
        Route(.post, "/api/v1/contacts", .needs(.contactsWrite), ContactRoutes.create),
        Route(.post, "/api/v1/contacts/merge", .needs(.contactsWrite), ContactMergeRoutes.merge),
        Route(.post, "/api/v1/contacts/unmerge", .needs(.contactsWrite), ContactMergeRoutes.unmerge),
        Route(.get, "/api/v1/contacts/{id}", .needs(.contactsRead), reading: ContactRoutes.show),
        Route(.patch, "/api/v1/contacts/{id}", .needs(.contactsWrite), ContactRoutes.update),
        Route(.put, "/api/v1/contacts/{id}", .needs(.contactsWrite), ContactRoutes.update),
        Route(.post, "/api/v1/contacts/{id}/identifiers", .needs(.contactsWrite), ContactIdentifierRoutes.add),
        Route(.delete, "/api/v1/contacts/{id}/identifiers", .needs(.contactsWrite), ContactIdentifierRoutes.remove),
    ]

    private static let pipelines: [Route] = [
        Route(.get, "/api/v1/pipelines", .needs(.pipelinesRead), PipelineRoutes.list),
        Route(.post, "/api/v1/pipelines", .needs(.pipelinesWrite), PipelineRoutes.create),
        Route(.get, "/api/v1/pipelines/{id}", .needs(.pipelinesRead), PipelineRoutes.show),
        Route(.patch, "/api/v1/pipelines/{id}", .needs(.pipelinesWrite), PipelineRoutes.update),
        Route(.put, "/api/v1/pipelines/{id}", .needs(.pipelinesWrite), PipelineRoutes.update),
        Route(.delete, "/api/v1/pipelines/{id}", .needs(.pipelinesWrite), PipelineRoutes.delete),
        Route(.post, "/api/v1/pipelines/{id}/stages", .needs(.pipelinesWrite), StageRoutes.create),
        Route(.patch, "/api/v1/pipelines/{id}/stages/{stage_id}", .needs(.pipelinesWrite), StageRoutes.update),
        Route(.put, "/api/v1/pipelines/{id}/stages/{stage_id}", .needs(.pipelinesWrite), StageRoutes.update),
        Route(.delete, "/api/v1/pipelines/{id}/stages/{stage_id}", .needs(.pipelinesWrite), StageRoutes.delete),
        Route(.get, "/api/v1/lost-reasons", .needs(.pipelinesRead), LostReasonRoutes.list),
        Route(.post, "/api/v1/lost-reasons", .needs(.pipelinesWrite), LostReasonRoutes.create),
        Route(.patch, "/api/v1/lost-reasons/{id}", .needs(.pipelinesWrite), LostReasonRoutes.update),
        Route(.put, "/api/v1/lost-reasons/{id}", .needs(.pipelinesWrite), LostReasonRoutes.update),
        Route(.delete, "/api/v1/lost-reasons/{id}", .needs(.pipelinesWrite), LostReasonRoutes.delete),
    ]

    private static let people: [Route] = [
        Route(.get, "/api/v1/account", .needs(.usersRead), AccountRoutes.show),
        Route(.patch, "/api/v1/account", .needs(.usersWrite), AccountRoutes.update),
        Route(.put, "/api/v1/account", .needs(.usersWrite), AccountRoutes.update),
        Route(.get, "/api/v1/users", .needs(.usersRead), UserRoutes.list),
        Route(.post, "/api/v1/users", .needs(.usersWrite), UserRoutes.create),
        Route(.get, "/api/v1/users/{id}", .needs(.usersRead), UserRoutes.show),
        Route(.patch, "/api/v1/users/{id}", .needs(.usersWrite), UserRoutes.update),
        Route(.put, "/api/v1/users/{id}", .needs(.usersWrite), UserRoutes.update),
        Route(.delete, "/api/v1/users/{id}", .needs(.usersWrite), UserRoutes.delete),
        Route(.get, "/api/v1/tasks", .needs(.tasksRead), TaskRoutes.list),
        Route(.post, "/api/v1/tasks", .needs(.tasksWrite), TaskRoutes.create),
        Route(.get, "/api/v1/tasks/{id}", .needs(.tasksRead), TaskRoutes.show),
        Route(.patch, "/api/v1/tasks/{id}", .needs(.tasksWrite), TaskRoutes.update),
        Route(.put, "/api/v1/tasks/{id}", .needs(.tasksWrite), TaskRoutes.update),
        Route(.delete, "/api/v1/tasks/{id}", .needs(.tasksWrite), TaskRoutes.delete),
        Route(.put, "/api/v1/tasks/{id}/complete", .needs(.tasksWrite), TaskRoutes.complete),
        Route(.get, "/api/v1/api-keys", .needs(.keysManage), KeyRoutes.list),
        Route(.post, "/api/v1/api-keys", .needs(.keysManage), showsSecret: true, KeyRoutes.create),
        Route(.get, "/api/v1/api-keys/{id}", .needs(.keysManage), KeyRoutes.show),
        Route(.patch, "/api/v1/api-keys/{id}", .needs(.keysManage), KeyRoutes.update),
        Route(.delete, "/api/v1/api-keys/{id}", .needs(.keysManage), KeyRoutes.delete),
        Route(.post, "/api/v1/api-keys/{id}/rotate", .needs(.keysManage), showsSecret: true, KeyRoutes.rotate),
        Route(.get, "/api/v1/sequences", .needs(.sequencesRead), SequenceRoutes.list),
        Route(.post, "/api/v1/sequences", .needs(.sequencesWrite), SequenceRoutes.create),
        Route(.get, "/api/v1/sequences/{id}", .needs(.sequencesRead), SequenceRoutes.show),
        Route(.patch, "/api/v1/sequences/{id}", .needs(.sequencesWrite), SequenceRoutes.update),
        Route(.put, "/api/v1/sequences/{id}", .needs(.sequencesWrite), SequenceRoutes.update),
        Route(.delete, "/api/v1/sequences/{id}", .needs(.sequencesWrite), SequenceRoutes.delete),
        Route(.get, "/api/v1/leads/{id}/sequences", .needs(.sequencesRead), EnrolmentRoutes.list),
        Route(.post, "/api/v1/leads/{id}/sequences", .needs(.sequencesWrite), EnrolmentRoutes.enrol),
        Route(.delete, "/api/v1/leads/{id}/sequences", .needs(.sequencesWrite), EnrolmentRoutes.leave),
        Route(.get, "/api/v1/custom-fields", .needs(.customFieldsRead), CustomFieldRoutes.list),
        Route(.post, "/api/v1/custom-fields", .needs(.customFieldsWrite), CustomFieldRoutes.create),
        Route(.get, "/api/v1/custom-fields/{id}", .needs(.customFieldsRead), CustomFieldRoutes.show),
        Route(.patch, "/api/v1/custom-fields/{id}", .needs(.customFieldsWrite), CustomFieldRoutes.update),
        Route(.put, "/api/v1/custom-fields/{id}", .needs(.customFieldsWrite), CustomFieldRoutes.update),
        Route(.delete, "/api/v1/custom-fields/{id}", .needs(.customFieldsWrite), CustomFieldRoutes.delete),
    ]

    private static let sending: [Route] = [
        Route(
            .post, "/api/v1/leads/{id}/send-whatsapp", .needs(.whatsappWrite), replaysAnswer: false,
            SendRoutes.sendMessage),
        Route(
            .post, "/api/v1/leads/{id}/send-whatsapp-template", .needs(.whatsappWrite), replaysAnswer: false,
            SendRoutes.sendTemplate),
        Route(
            .post, "/api/v1/leads/{id}/whatsapp/preflight", .needs(.whatsappRead), replaysAnswer: false,
            SendRoutes.preflight),
    ]

    private static let batches: [Route] = [
        Route(.get, "/api/v1/whatsapp/batches", .needs(.whatsappRead), reading: BatchRoutes.list),
        Route(.post, "/api/v1/whatsapp/batches", .needs(.whatsappWrite), BatchRoutes.create),
        Route(
            .post, "/api/v1/whatsapp/batches/preflight", .needs(.whatsappRead), replaysAnswer: false,
            BatchRoutes.preflight),
        Route(.get, "/api/v1/whatsapp/batches/{id}", .needs(.whatsappRead), reading: BatchRoutes.show),
        Route(
            .get, "/api/v1/whatsapp/batches/{id}/recipients", .needs(.whatsappRead), reading: BatchRoutes.recipients),
        Route(.post, "/api/v1/whatsapp/batches/{id}/pause", .needs(.whatsappWrite), BatchRoutes.pause),
        Route(.post, "/api/v1/whatsapp/batches/{id}/resume", .needs(.whatsappWrite), BatchRoutes.resume),
        Route(.post, "/api/v1/whatsapp/batches/{id}/cancel", .needs(.whatsappWrite), BatchRoutes.cancel),
    ]

    private static let media: [Route] = [
        Route(.post, "/api/v1/media", .needs(.whatsappWrite), replaysAnswer: false, MediaRoutes.create),
        Route(.get, "/api/v1/media/{id}", .needs(.messagesRead), reading: MediaRoutes.show),
        Route(.get, "/api/v1/media/{id}/content", .open, MediaRoutes.content),
    ]

    private static let messages: [Route] = [
        Route(.get, "/api/v1/messages", .needs(.messagesRead), reading: MessageRoutes.list),
        Route(.get, "/api/v1/messages/{id}", .needs(.messagesRead), MessageRoutes.show),
        Route(.get, "/api/v1/messages/{id}/trace", .needs(.messagesRead), reading: TraceRoutes.show),
        // These two answer with the message's verdict, as the send did.
        Route(
            .post, "/api/v1/messages/{id}/retry", .needs(.whatsappWrite), replaysAnswer: false,
            MessageLifeRoutes.retry),
        Route(
            .post, "/api/v1/messages/{id}/resolve", .needs(.whatsappWrite), replaysAnswer: false,
            MessageLifeRoutes.resolve),
        Route(.post, "/api/v1/messages/{id}/cancel", .needs(.whatsappWrite), MessageLifeRoutes.cancel),
    ]

    private static let inbox: [Route] = [
        Route(.get, "/api/v1/conversations", .needs(.messagesRead), reading: ConversationRoutes.list),
        Route(.get, "/api/v1/conversations/{id}", .needs(.messagesRead), reading: ConversationRoutes.show),
        Route(.patch, "/api/v1/conversations/{id}", .needs(.messagesWrite), ConversationRoutes.update),
        Route(.put, "/api/v1/conversations/{id}", .needs(.messagesWrite), ConversationRoutes.update),
        Route(
            .get, "/api/v1/conversations/{id}/messages", .needs(.messagesRead), reading: ConversationRoutes.messages),
        Route(.get, "/api/v1/inbound-events", .needs(.inboundManage), InboundEventRoutes.list),
        Route(.post, "/api/v1/inbound-events/replay", .needs(.inboundManage), InboundEventRoutes.replayMany),
        Route(.get, "/api/v1/inbound-events/{id}", .needs(.inboundManage), InboundEventRoutes.show),
        Route(.post, "/api/v1/inbound-events/{id}/replay", .needs(.inboundManage), InboundEventRoutes.replay),
    ]
}
