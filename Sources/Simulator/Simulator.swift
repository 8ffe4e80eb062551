package import EventLoop
import HTTP
import JSON

/// Both WhatsApp providers on one port, and the phones of everybody they reach.
///
/// Graph's paths begin with a version (`/v23.0`), WAHA's with `/api`, and `/_simulator` looks at the phones, lets
/// contacts write, and makes calls go wrong. Written from the providers' documentation alone.
@Reactor
package final class Simulator {
    var configuration: SimulatorConfiguration
    var mailbox: Mailbox
    var windows = ServiceWindows()
    var calls = CallLog()
    var faults = FaultScript()
    var shelf = MediaShelf()
    /// Refusals so far by instance, recipient and behaviour, of the numbers that refuse only at first.
    var refusals: [String: Int] = [:]
    var hookURLs: [String: String] = [:]
    /// Whether status webhooks follow accepted messages by themselves.
    var reportsStatuses = true
    let hooks: HookClient
    let courier: WebhookCourier
    private var server: WireServer?

    package init(_ configuration: SimulatorConfiguration) {
        self.configuration = configuration
        mailbox = Mailbox(limit: configuration.memory)
        let hooks = HookClient(timeout: configuration.pace.webhookTimeout)
        self.hooks = hooks
        courier = WebhookCourier(retries: configuration.pace.webhookRetries) { await hooks.post($0) }
        for phone in configuration.phones { hookURLs[phone.key] = phone.webhookURL }
    }

    /// Port 0 lets the kernel choose; the chosen one is returned.
    package func start(host: String = "127.0.0.1", port: UInt16 = 0) async throws -> UInt16 {
        let server = WireServer { [weak self] request in await self?.answer(request) ?? .reset }
        let port = try server.start(host: host, port: port)
        self.server = server
        return port
    }

    /// Closes every connection; webhooks still waiting are dropped.
    package func stop() async {
        server?.stop()
        server = nil
        courier.stop()
        hooks.close()
    }

    /// - Parameter phone: its phone number id or session; nil for the URL ends its webhooks.
    package func setWebhookURL(_ url: String?, of phone: String) { hookURLs[phone] = url }

    /// Replaces a template of the same account, name and language, or adds it.
    package func setTemplate(_ template: SimulatedTemplate) {
        let index = configuration.templates.firstIndex {
            $0.businessAccountID == template.businessAccountID && $0.name == template.name
                && $0.language == template.language
        }
        if let index { configuration.templates[index] = template } else { configuration.templates.append(template) }
    }

    var now: Int64 { configuration.clock.microseconds }
    var pace: SimulatedPace { configuration.pace }

    private func answer(_ request: HTTPRequest) async -> Answer {
        let target = RequestTarget(request)
        switch target.segments.first {
        case "_simulator": return await control(request, target)
        case "_lookaside": return download(request, target)
        case "api", "ping", "health": return waha(request, target)
        case let version? where Self.isVersion(version): return graph(request, target)
        default: return .reply(.notFound, ["error": "no provider has this path"])
        }
    }

    private static func isVersion(_ text: String) -> Bool {
        let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        return text.hasPrefix("v") && parts.count == 2 && parts.allSatisfy { Int($0) != nil }
    }
}
