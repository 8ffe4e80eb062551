import Crypto
import Domain
import EventLoop
import HTTP
import Storage

/// Fetches a file from where a stranger's link leads, and keeps it.
@Reactor
final class MediaFetcher {
    /// Why there is no file.
    struct Failure: Error {
        let title: String
        /// Whether it may be there another time.
        let isPassing: Bool
    }

    private let media: MediaStore
    private let client: HTTPClient
    private let clock: Clock

    /// - Parameter client: one that judges addresses, unless all that it is asked for is the operator's own.
    init(_ media: MediaStore, _ client: HTTPClient, clock: Clock) {
        self.media = media
        self.client = client
        self.clock = clock
    }

    private static let deadlines = HTTPClientRequest.Deadlines(firstByte: .seconds(20), total: .seconds(120))

    /// How long a fetch may take.
    static var patience: Duration { deadlines.total }

    /// What a link brings, as a file of this kind.
    func fetch(_ link: String, as kind: MediaKind, filename: String?, for account: Account.ID) async throws -> Medium {
        guard let url = HTTPURL(link) else { throw Failure(title: "The link is no address", isPassing: false) }
        let request = HTTPClientRequest(
            url: url, fields: ["Accept": "*/*"], deadlines: Self.deadlines, maximumResponseBody: kind.limit)
        let stream = try await Self.told { () throws(HTTPClientError) in try await client.open(request) }
        defer { stream.body.close() }
        try Self.judge(stream.status)
        guard let type = stream.fields["Content-Type"].flatMap(MediaType.init), type.kind == kind else {
            throw Failure(title: "What the link leads to is not of type \(kind.rawValue)", isPassing: false)
        }
        let beginning = MediaStore.Beginning(
            source: .link, kind: kind, mimeType: type.name, filename: filename, apiKeyID: nil)
        let id = try await media.begin(beginning, of: account, now: Timestamp(microseconds: clock.microseconds))
        do {
            return try await keep(stream.body, as: id, type, of: account)
        } catch {
            try? await media.drop(id, of: account)
            throw error
        }
    }

    private func keep(
        _ body: HTTPClientBody, as id: Medium.ID, _ type: MediaType, of account: Account.ID
    ) async throws -> Medium {
        let hash = SHA256.Stream()
        let intake = MediaIntake(type, limit: type.kind.limit, chunkSize: MediaStore.chunkSize)
        let size: Int
        do {
            size = try await media.fill(id, of: account, intake) {
                let piece = try await Self.told { () throws(HTTPClientError) in try await body.read() }
                if let piece { hash.update(piece) }
                return piece
            }
        } catch let refusal as MediaIntake.Refusal {
            throw Self.failure(refusal)
        }
        return try await media.complete(id, size: size, sha256: hash.finish(), of: account)
    }

    static func judge(_ status: HTTPStatus) throws {
        switch status.code {
        case 200: break
        case 300..<400: throw Failure(title: "The link leads on to another", isPassing: false)
        case 408, 425, 429, 500...: throw Failure(title: "The link's server failed", isPassing: true)
        default: throw Failure(title: "The link's server gives no file", isPassing: false)
        }
    }

    static func failure(_ refusal: MediaIntake.Refusal) -> Failure {
        switch refusal {
        case .tooLarge: Failure(title: "The file is too large", isPassing: false)
        case .empty: Failure(title: "The file is empty", isPassing: false)
        case .mismatch: Failure(title: "The file is not of the type that its server names", isPassing: false)
        }
    }

    /// - Throws: `Failure` in place of the client's own error.
    static func told<Result>(
        _ ask: @Reactor () async throws(HTTPClientError) -> Result
    ) async throws -> Result {
        do {
            return try await ask()
        } catch {
            throw failure(error)
        }
    }

    private static func failure(_ error: HTTPClientError) -> Failure {
        switch error.code {
        case .addressRefused: Failure(title: "The link leads to an address that is not allowed", isPassing: false)
        case .invalidURL, .tlsCertificate, .tlsConfiguration:
            Failure(title: "The link's server is not to be trusted", isPassing: false)
        case .responseTooLarge: Failure(title: "The file is too large", isPassing: false)
        default: Failure(title: "The link's server could not be reached", isPassing: true)
        }
    }
}
