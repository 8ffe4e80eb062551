import EventLoop
import HTTP

/// Sends webhooks over HTTP, as the providers' servers do.
@Reactor
final class HookClient {
    private let client = HTTPClient()
    private let timeout: Duration

    init(timeout: Duration) { self.timeout = timeout }

    func post(_ webhook: Webhook) async -> HookAnswer {
        await send(.post, webhook.url, webhook.fields, webhook.body)
    }

    func get(_ url: String) async -> HookAnswer { await send(.get, url, [:], []) }

    func close() { client.close() }

    private func send(_ method: HTTPMethod, _ url: String, _ fields: HTTPFields, _ body: [UInt8]) async -> HookAnswer {
        guard let url = HTTPURL(url) else { return .failed("the webhook URL is not an absolute http or https URL") }
        let deadlines = HTTPClientRequest.Deadlines(connect: timeout, firstByte: timeout, total: timeout)
        let request = HTTPClientRequest(method: method, url: url, fields: fields, body: body, deadlines: deadlines)
        do {
            let response = try await client.send(request)
            return .answered(status: response.status.code, body: String(decoding: response.body, as: UTF8.self))
        } catch {
            return .failed(error.description)
        }
    }
}
