import Domain

/// `Pace.cloudRecipient` as the statements write it, over `conversations.paced_until`.
enum ContactPace {
    /// What one message moves it by.
    static let step = "interval '\(Pace.cloudRecipient.interval.components.seconds) seconds'"
    /// How far it may lie ahead of an instant at which one more goes.
    static let tolerance = "interval '\(Pace.cloudRecipient.tolerance.components.seconds) seconds'"
}
