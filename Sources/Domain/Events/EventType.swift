/// What happened, as events and webhooks name it.
package enum EventType: String, Sendable, CaseIterable {
    case taskCreated = "task.created"
    case taskCompleted = "task.completed"
    case conversationAssigned = "conversation.assigned"
    case conversationClosed = "conversation.closed"
}
