import Crypto
package import Domain
import HTTP

/// A file on its way to a provider; read in pieces, as often as it is asked for.
package struct OutboundFile: Sendable {
    package let mimeType: String
    /// With an ending that fits, where nobody gave it a name.
    package let filename: String
    /// In bytes.
    package let size: Int
    /// How many pieces there are, and each by its number from 0. All but the last are of the same size, a multiple of
    /// three: what base64 makes of them is what it makes of the whole.
    package let chunkCount: Int
    package let chunk: @Sendable (Int) async throws -> [UInt8]

    package init(
        _ medium: Medium, filename: String?, chunkCount: Int,
        chunk: @escaping @Sendable (Int) async throws -> [UInt8]
    ) {
        mimeType = medium.mimeType
        self.filename = filename ?? medium.filename ?? "file.\(Self.ending(medium.mimeType))"
        size = medium.size
        self.chunkCount = chunkCount
        self.chunk = chunk
    }

    private static func ending(_ mimeType: String) -> String {
        switch mimeType {
        case "image/jpeg": "jpg"
        case "text/plain": "txt"
        case "audio/mpeg": "mp3"
        default: String(mimeType.split(separator: "/").last?.prefix(8) ?? "bin")
        }
    }

    /// At this rate a provider's line is taken for one that still works; bytes a second.
    private static let slowest = 256 * 1024

    /// How long it may be on its way.
    package var patience: Duration { .seconds(30 + size / Self.slowest) }

    var deadlines: HTTPClientRequest.Deadlines {
        HTTPClientRequest.Deadlines(firstByte: patience, total: patience)
    }

    /// A body of these bytes, the file, and those.
    func upload(after head: [UInt8], before tail: [UInt8]) -> HTTPClientUpload {
        upload(head, tail, length: size) { $0 }
    }

    /// The same, with the file in base64.
    func base64Upload(after head: [UInt8], before tail: [UInt8]) -> HTTPClientUpload {
        upload(head, tail, length: (size + 2) / 3 * 4) { Array(Base64.encode($0).utf8) }
    }

    private func upload(
        _ head: [UInt8], _ tail: [UInt8], length: Int, _ encode: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) -> HTTPClientUpload {
        HTTPClientUpload(length: head.count + length + tail.count) { [chunk, chunkCount] number in
            switch number {
            case 0: head
            case ...chunkCount: encode(try await chunk(number - 1))
            default: tail
            }
        }
    }
}
