import Crypto
import Domain
import EventLoop
import HTTP
import Storage

/// A file that a client uploads: written piece by piece while it arrives, seen once it is whole.
@Reactor
struct MediaUpload {
    private let type: MediaType
    private let filename: String?
    private let exchange: Exchange
    private let service: Service
    private let account: Account.ID

    /// - Throws: a `Problem` before a byte is read, where the head tells enough.
    init(_ exchange: Exchange, filename: String?, _ service: Service) throws {
        let given = exchange.request.fields["Content-Type"] ?? ""
        guard let type = MediaType(given), exchange.request.fields["Content-Encoding"] == nil else {
            var problem = Problem(.mediaTypeNotSupported)
            problem.values["values"] = MediaType.all.map(\.name).joined(separator: ", ")
            throw problem
        }
        if case .known(let length) = exchange.request.head.bodyLength, length > type.kind.limit {
            throw Self.problem(.tooLarge(limit: type.kind.limit), type)
        }
        self.type = type
        self.filename = filename
        self.exchange = exchange
        self.service = service
        account = try exchange.admitted().account.id
    }

    /// What has arrived, and is nobody's yet.
    struct Arrived: Sendable {
        let id: Medium.ID
        let type: MediaType
        let size: Int
        let sha256: [UInt8]
    }

    func receive() async throws -> Arrived {
        let store = service.database.media
        let beginning = MediaStore.Beginning(
            source: .upload, kind: type.kind, mimeType: type.name, filename: filename,
            apiKeyID: try exchange.admitted().key.id)
        let id = try await store.begin(beginning, of: account, now: exchange.now)
        do {
            return try await fill(id)
        } catch {
            await drop(id)
            throw error
        }
    }

    /// Nothing of it stays.
    func drop(_ id: Medium.ID) async { try? await service.database.media.drop(id, of: account) }

    private func fill(_ id: Medium.ID) async throws -> Arrived {
        let hash = SHA256.Stream()
        let intake = MediaIntake(type, limit: type.kind.limit, chunkSize: MediaStore.chunkSize)
        let body = ArrivingBody(exchange.request)
        do {
            let size = try await service.database.media.fill(id, of: account, intake) {
                let piece = try await body.next()
                if let piece { hash.update(piece) }
                return piece
            }
            return Arrived(id: id, type: type, size: size, sha256: hash.finish())
        } catch let refusal as MediaIntake.Refusal {
            throw Self.problem(refusal, type)
        } catch let error as HTTPBodyReadError {
            throw Self.problem(error)
        }
    }

    private static func problem(_ refusal: MediaIntake.Refusal, _ type: MediaType) -> Problem {
        var problem: Problem
        switch refusal {
        case .tooLarge(let limit):
            problem = Problem(.bodyTooLarge)
            problem.values["limit"] = String(limit)
        case .empty, .mismatch:
            problem = Problem(.mediaMismatch)
            problem.values["type"] = type.name
        }
        return problem
    }

    /// Nobody reads it: the client has left, or has been told.
    private static func problem(_ error: HTTPBodyReadError) -> Problem {
        if case .refused(let fault) = error { return .from(fault) }
        var problem = Problem(.malformedRequest)
        problem.values["reason"] = "the body is not whole"
        return problem
    }
}
