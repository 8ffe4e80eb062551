import Domain
import HTTP
import JSON

/// One request to a provider, as its parts.
struct ProviderCall: Sendable {
    var method: HTTPMethod = .get
    /// Below the base URL; segments and query values already escaped.
    var path: String
    var fields: HTTPFields
    var body: [UInt8] = []
    /// Goes out in place of `body`.
    var upload: HTTPClientUpload?
    var contentType = "application/json"
    /// In bytes; a page of templates is larger than a receipt.
    var maximumResponseBody = 1024 * 1024

    func response(
        from baseURL: String, over client: HTTPClient, deadlines: HTTPClientRequest.Deadlines
    ) async -> Result<ProviderResponse, HTTPClientError> {
        var base = Substring(baseURL)
        while base.last == "/" { base.removeLast() }
        guard let url = HTTPURL("\(base)/\(path)") else {
            return .failure(HTTPClientError(.invalidURL, .notSent, origin: "the configured address"))
        }
        var request = HTTPClientRequest(
            method: method, url: url, fields: fields, body: body, deadlines: deadlines,
            maximumResponseBody: maximumResponseBody)
        request.upload = upload
        if !body.isEmpty || upload != nil { request.fields["Content-Type"] = contentType }
        do throws(HTTPClientError) {
            return .success(ProviderResponse(try await client.send(request)))
        } catch {
            return .failure(error)
        }
    }
}

struct ProviderResponse: Sendable {
    let status: Int
    /// Nil when the body is no JSON.
    let json: JSONValue?
    let isEmpty: Bool

    init(_ response: HTTPClientResponse) {
        status = response.status.code
        isEmpty = response.body.isEmpty
        json = try? JSONParser.parse(response.body)
    }

    var isSuccess: Bool { (200..<300).contains(status) }
}
