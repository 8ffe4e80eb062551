import Domain
import HTTP

/// A file that is fetched from a provider, under what opens the provider.
enum ProviderDownload {
    /// - Parameter url: never another host than what the fields are meant for.
    static func stream(
        _ url: HTTPURL, fields: HTTPFields, of provider: Instance.Provider, over client: HTTPClient,
        patience: Duration
    ) async -> Result<HTTPClientStream, ProviderFault> {
        let request = HTTPClientRequest(
            url: url, fields: fields,
            deadlines: HTTPClientRequest.Deadlines(firstByte: .seconds(20), total: patience),
            maximumResponseBody: MediaKind.largest)
        do throws(HTTPClientError) {
            let stream = try await client.open(request)
            guard stream.status.code == 200 else {
                await stream.body.close()
                return .failure(refusal(stream.status.code, of: provider))
            }
            return .success(stream)
        } catch {
            return .failure(ProviderFault(error, of: provider, isQuestion: true))
        }
    }

    /// What is gone does not come back; all else may be there another time.
    private static func refusal(_ status: Int, of provider: Instance.Provider) -> ProviderFault {
        ProviderFault(
            provider: provider, code: String(status), title: "The provider does not give the file", details: nil,
            retryable: status != 404 && status != 410)
    }
}
