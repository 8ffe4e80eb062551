import EventLoop

/// What a client of the mixed load does, once. Each returns what was wrong with the server's part in it.
@Reactor
enum Behaviour {
    case keptAlive
    case oneShot
    case pipelined
    case spoilt
    case upload
    case abortedDownload
    case abortedUpload
    case resetHead
    case silentReader

    /// As often as they stand here.
    static let mixture: [Behaviour] = [
        .keptAlive, .keptAlive, .oneShot, .oneShot, .pipelined, .pipelined, .spoilt, .spoilt, .spoilt, .spoilt, .upload,
        .abortedDownload, .abortedUpload, .resetHead, .silentReader,
    ]

    func run(_ target: LoadTarget, _ random: inout SeededRandom) async throws -> String? {
        let wire = try Wire(target.address)
        defer { wire.close() }
        switch self {
        case .keptAlive:
            for _ in 0..<Int.random(in: 1...50, using: &random) {
                await wire.send(target.get)
                if let fault = Self.judge(await wire.answers(1), 1, target.path) { return fault }
            }
        case .oneShot:
            await wire.send(target.closingGet)
            if let fault = Self.judge(await wire.answers(1), 1, target.path) { return fault }
            guard await wire.wait(until: { $0.hasEnded }) else { return "a connection that should close stays" }
        case .pipelined:
            let count = Int.random(in: 2...40, using: &random)
            await wire.send(String(repeating: target.get, count: count))
            if let fault = Self.judge(await wire.answers(count), count, target.path) { return fault }
        case .spoilt:
            await wire.send(Mutant.make(&random))
            wire.endSending()
            guard await wire.wait(until: { $0.hasEnded }) else { return "a spoilt request is never done with" }
            for status in Self.statuses(wire.received) where status >= 500 && status != 501 && status != 505 {
                return "a spoilt request is answered \(status)"
            }
        case .upload:
            let size = Int.random(in: 1...900_000, using: &random)
            await wire.send("POST \(target.uploadPath) HTTP/1.1\r\nHost: load\r\nContent-Length: \(size)\r\n\r\n")
            await wire.send([UInt8](repeating: 0x61, count: size))
            let (answers, areAll) = await wire.answers(1)
            guard areAll else { return "an upload is not answered" }
            guard answers[0].status < 500 else { return "an upload is answered \(answers[0].status)" }
        case .abortedDownload:
            await wire.send(target.large)
            let part = Int.random(in: 1...20_000, using: &random)
            guard await wire.wait(until: { $0.received.count >= part }) || !wire.received.isEmpty else {
                return "a download does not begin"
            }
            if Bool.random(using: &random) { wire.reset() }
        case .abortedUpload:
            await wire.send("POST \(target.uploadPath) HTTP/1.1\r\nHost: load\r\nContent-Length: 900000\r\n\r\n")
            await wire.send([UInt8](repeating: 0x61, count: Int.random(in: 0...300_000, using: &random)))
            if Bool.random(using: &random) { wire.reset() }
        case .resetHead:
            await wire.send(String(target.get.prefix(Int.random(in: 1...30, using: &random))))
            wire.reset()
        case .silentReader:
            wire.stopReading()
            let sending = spawn { for _ in 0..<4 { await wire.send(target.large) } }
            await pause(.seconds(Int.random(in: 1...3, using: &random)))
            wire.close()
            await sending.value
        }
        return nil
    }

    private static func judge(_ outcome: (answers: [WireAnswer], areAll: Bool), _ count: Int, _ path: String) -> String?
    {
        guard outcome.areAll else { return "\(count) of \(path) were asked for, \(outcome.answers.count) came" }
        return outcome.answers.first { $0.status != 200 }.map { "\(path) is answered \($0.status)" }
    }

    private static func statuses(_ bytes: [UInt8]) -> [Int] {
        String(decoding: bytes, as: UTF8.self).split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
    }
}

/// What is asked of the server under load.
struct LoadTarget: Sendable {
    let address: SocketAddress
    let path: String
    let uploadPath: String
    /// What makes a large answer.
    let large: String

    var get: String { "GET \(path) HTTP/1.1\r\nHost: load\r\n\r\n" }
    var closingGet: String { "GET \(path) HTTP/1.1\r\nHost: load\r\nConnection: close\r\n\r\n" }
}
