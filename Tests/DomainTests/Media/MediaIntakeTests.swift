import TestRandom
import Testing

@testable import Domain

@Suite struct MediaIntakeTests {
    private static let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0]

    /// What each type's files begin with.
    private static let beginnings: [(String, [UInt8])] = [
        ("image/jpeg", jpeg), ("image/png", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
        ("video/mp4", [0, 0, 0, 0x18] + Array("ftypisom".utf8)),
        ("video/3gpp", [0, 0, 0, 0x18] + Array("ftyp3gp5".utf8)),
        ("audio/mp4", [0, 0, 0, 0x18] + Array("ftypM4A ".utf8)), ("audio/aac", [0xFF, 0xF1, 0x50]),
        ("audio/amr", Array("#!AMR\n".utf8)), ("audio/mpeg", [0xFF, 0xFB, 0x90]),
        ("audio/ogg", Array("OggS".utf8)), ("application/pdf", Array("%PDF-1.7".utf8)),
        ("text/plain", Array("Olá".utf8)), ("application/msword", [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]),
        (
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", [0x50, 0x4B, 0x03, 0x04]
        ),
    ]

    @Test func `a type knows the beginnings of its files, and of no picture or film of another type`() throws {
        for (name, beginning) in Self.beginnings {
            let type = try #require(MediaType(name), "\(name)")
            #expect(type.matches(beginning), "\(name)")
            #expect(!type.matches([]) || name == "text/plain", "\(name)")
            for (other, strange) in Self.beginnings where other != name && name != "text/plain" {
                // Films and sounds share one container.
                let shares = ["video/mp4", "audio/mp4"].contains(name) && ["video/mp4", "audio/mp4"].contains(other)
                #expect(type.matches(strange) == shares, "\(name) takes \(other)")
            }
        }
        #expect(MediaType("Image/JPEG; charset=binary")?.name == "image/jpeg")
        #expect(MediaType("audio/ogg; codecs=opus")?.kind == .audio)
        #expect(MediaType("image/webp") == nil)
        #expect(MediaType("text/html") == nil)
        #expect(MediaType("") == nil)
    }

    @Test func `pieces of any size come out as pieces of one size, whole and in order`() throws {
        var random = SeededGenerator(seed: 7)
        let type = try #require(MediaType("image/jpeg"))
        for _ in 0..<300 {
            let size = Int.random(in: 1...5000, using: &random)
            let file = Self.jpeg + (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            var intake = MediaIntake(type, limit: 10_000, chunkSize: 999)
            var chunks: [[UInt8]] = []
            var rest = file[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 0...1500, using: &random))
                rest = rest.dropFirst(piece.count)
                chunks += try intake.take(Array(piece))
            }
            #expect(chunks.allSatisfy { $0.count == 999 })
            if let last = try intake.end() { chunks.append(last) }
            #expect(chunks.flatMap { $0 } == file)
            #expect(intake.size == file.count)
        }
    }

    @Test func `what is empty, too large or another type is refused as early as it shows`() throws {
        let type = try #require(MediaType("image/jpeg"))
        func refusal(_ pieces: [[UInt8]]) -> MediaIntake.Refusal? {
            var intake = MediaIntake(type, limit: 2000, chunkSize: 999)
            do throws(MediaIntake.Refusal) {
                for piece in pieces { _ = try intake.take(piece) }
                _ = try intake.end()
                return nil
            } catch {
                return error
            }
        }
        #expect(refusal([]) == .empty)
        #expect(refusal([[]]) == .empty)
        #expect(refusal([Self.jpeg]) == nil)
        #expect(refusal([[0xFF], [0xD8], [0xFF]]) == nil)
        #expect(refusal([Array("<html>".utf8)]) == .mismatch)
        #expect(refusal([Self.jpeg + [UInt8](repeating: 0, count: 1996)]) == nil)
        #expect(refusal([Self.jpeg + [UInt8](repeating: 0, count: 1997)]) == .tooLarge(limit: 2000))
        // A first piece that is long enough to be judged is.
        var intake = MediaIntake(type, limit: 2000, chunkSize: 999)
        #expect(throws: MediaIntake.Refusal.mismatch) { try intake.take([UInt8](repeating: 1, count: 600)) }
    }
}
