import EventLoop
import HTTP
import JSON

/// What both providers share: how a call is spoiled, and what follows an accepted message.
extension Simulator {
    /// Answers a call other than a send, spoiled if the script says so.
    func answer(_ call: ProviderCall, of provider: SimulatedProvider, _ normally: () -> Answer) -> Answer {
        switch faults.take(for: call, of: provider) {
        case nil, .none?: return normally()
        case .refusal(let refusal)?: return Self.answer(refusal, of: provider)
        case .behaviour(let behaviour)?:
            switch Course(behaviour, after: 0, provider: provider) {
            case .refused(let behaviour): return Self.refusal(behaviour, of: provider)
            case .resetUnseen: return .reset
            case .unreadableError: return .reply(.unreadableError)
            case .taken(_, let manner):
                guard case .reply(let reply) = normally() else { return .reset }
                return manner.answer(reply, withoutID: Reply(reply.status, [:]), pace: pace)
            }
        }
    }

    /// The course of a send, with the script's word before the number's own.
    func course(
        of contact: ContactAddress, at instance: String, _ scripted: MagicNumber?, _ provider: SimulatedProvider
    )
        -> Course
    {
        if let scripted { return Course(scripted, after: 0, provider: provider) }
        let behaviour = contact.number.flatMap(MagicNumber.init)
        let key = "\(instance) \(contact.matchKey)"
        let course = Course(behaviour, after: refusals[key] ?? 0, provider: provider)
        if case .refused = course { refusals[key, default: 0] += 1 }
        return course
    }

    static func refusal(_ behaviour: MagicNumber, of provider: SimulatedProvider) -> Answer {
        switch provider {
        case .cloudAPI: GraphError(behaviour).answer
        case .waha: WAHAError(behaviour).answer
        }
    }

    static func answer(_ refusal: ScriptedFault.Refusal, of provider: SimulatedProvider) -> Answer {
        switch provider {
        case .cloudAPI: GraphError(refusal.status, code: refusal.code, refusal.message).answer
        case .waha: WAHAError.plain(refusal.status, refusal.message).answer
        }
    }

    /// The webhooks that follow an accepted message by themselves.
    func followUp(_ message: SimulatedMessage) {
        guard reportsStatuses, let statuses = pace.statuses else { return }
        switch message.arrival {
        case .arrives:
            report("sent", of: message, after: statuses.sent)
            report("delivered", of: message, after: statuses.delivered)
        case .lost: report("sent", of: message, after: statuses.sent)
        case .failsLater: report("failed", of: message, after: statuses.sent)
        }
    }

    private func report(_ status: String, of message: SimulatedMessage, after delay: Duration) {
        EventLoop.shared.schedule(after: delay) { [weak self] in
            guard let self, let webhook = self.status(status, of: message) else { return }
            self.courier.post(webhook)
        }
    }

    /// A status in the words of the message's provider; nil while its phone has no hook.
    func status(
        _ status: String, of message: SimulatedMessage, at time: Int64? = nil,
        failure: (code: Int64, title: String)? = nil
    ) -> Webhook? {
        guard let phone = phone(message.instance), let url = hookURLs[message.instance] else { return nil }
        let time = time ?? now
        switch phone {
        case .cloudAPI(let number):
            let failed = status == "failed" ? failure ?? (131_049, "Not delivered to keep the ecosystem healthy") : nil
            let json = CloudWebhooks.status(
                status, of: message, seconds: time / 1_000_000, failure: failed, at: number)
            return WebhookSigning.cloudAPI(json, secret: number.appSecret, to: url, form: .raw)
        case .waha(let session):
            guard let ack = WAHAWebhooks.ack(of: status), session.events.contains("message.ack") else { return nil }
            mailbox.setAck(ack, of: message.id)
            let json = WAHAWebhooks.envelope(
                "message.ack", WAHAWebhooks.acknowledgement(ack, of: message), of: session, at: time)
            return WebhookSigning.waha(json, key: session.hmacKey, to: url, at: time, form: .raw)
        }
    }

    func phone(_ key: String) -> SimulatedPhone? { configuration.phones.first { $0.key == key } }
}
