import Testing

@testable import Crypto

/// A client and a server whose bytes go straight from one to the other.
struct TLSPair {
    let client: TLSSession
    let server: TLSSession

    init(client: TLSClientContext, server: TLSServerContext, host: String, port: UInt16 = 443) throws {
        self.client = try TLSSession(client: client, host: host, port: port)
        self.server = try TLSSession(server: server)
    }

    /// What each has for the other.
    func deliver() {
        server.receive(client.takeOutput())
        client.receive(server.takeOutput())
    }

    func shakeHands() throws {
        for _ in 0..<10 {
            let steps = [client.handshake(), server.handshake()]
            deliver()
            for case .failed(let error) in steps { throw error }
            if steps == [.done, .done] { return }
        }
        Issue.record("the handshake does not end")
    }

    func clientFailure() -> TLSError? {
        for _ in 0..<10 {
            if case .failed(let error) = client.handshake() { return error }
            _ = server.handshake()
            deliver()
        }
        return nil
    }

    /// The ciphertext goes over in pieces of `cut` bytes.
    func transfer(_ bytes: [UInt8], from sender: TLSSession, to receiver: TLSSession, cut: Int) throws -> [UInt8] {
        var received: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            offset += try #require(sender.write(Array(bytes[offset..<min(bytes.count, offset + 20_000)])))
            let ciphertext = sender.takeOutput()
            for start in stride(from: 0, to: ciphertext.count, by: cut) {
                receiver.receive(Array(ciphertext[start..<min(ciphertext.count, start + cut)]))
                received += receiver.readBytes() ?? []
            }
        }
        return received
    }
}

extension TLSSession {
    func receive(_ bytes: [UInt8]) { bytes.withUnsafeBytes { receive($0) } }

    func write(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { write($0) } }

    func read() -> Reading { withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { read(into: $0) } }

    func readBytes() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        guard case .bytes(let count) = buffer.withUnsafeMutableBytes({ read(into: $0) }) else { return nil }
        return Array(buffer[..<count])
    }

    func readText() -> String? { readBytes().map { String(decoding: $0, as: UTF8.self) } }
}
