package import EventLoop

/// The numbers and templates that the simulated providers know, and how fast they are.
package struct SimulatorConfiguration: Sendable {
    package var phones: [SimulatedPhone]
    package var templates: [SimulatedTemplate]
    package var clock: Clock
    package var pace = SimulatedPace()
    /// Whether free text outside the 24 hours after a contact's last message is refused (131047).
    package var enforcesServiceWindow = true
    /// Messages remembered; the oldest are forgotten beyond it.
    package var memory = 100_000

    package init(phones: [SimulatedPhone], templates: [SimulatedTemplate] = [], clock: Clock = .system) {
        self.phones = phones
        self.templates = templates
        self.clock = clock
    }
}

/// How long the simulated providers take; tests shorten it.
package struct SimulatedPace: Sendable {
    /// Before the answer to a slow number.
    package var delay = Duration.seconds(3)
    /// How long the connection of a stalling number is held.
    package var stall = Duration.seconds(30)
    /// From acceptance to the `sent` and `delivered` webhooks; nil sends none.
    package var statuses: (sent: Duration, delivered: Duration)? = (.milliseconds(20), .milliseconds(60))
    /// Between the tries of a webhook that was not answered with a 2xx, until the list is used up.
    package var webhookRetries: [Duration] =
        [.milliseconds(250), .milliseconds(500), .seconds(1)] + Array(repeating: .seconds(2), count: 15)
    /// For the answer to one webhook.
    package var webhookTimeout = Duration.seconds(10)

    package init() {}
}
