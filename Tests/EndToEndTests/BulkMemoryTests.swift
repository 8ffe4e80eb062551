import EventLoop
import Foundation
import HTTP
import JSON
import Storage
import TestSupport
import Testing

@testable import leadwire

private let isAsked = ProcessInfo.processInfo.environment["LEADWIRE_BULK_ROWS"] != nil && CommandRun.binary != nil

/// What a server process takes for a file that is many times larger.
///
/// `.ci/kill` runs it.
@Suite(
    .serialized, .enabled(if: isAsked, "LEADWIRE_BULK_ROWS says how many"),
    .disabled(if: holdsFreedMemory, "resident memory is what AddressSanitizer holds back"))
struct BulkMemoryTests {
    private static let rows =
        ProcessInfo.processInfo.environment["LEADWIRE_BULK_ROWS"].flatMap { Int($0) } ?? 700
    /// The longest that a lead may have, so that few leads make a large file; 500 bytes for very many.
    private static let notes = String(repeating: "n", count: max(500, min(20_000, 40_000_000 / rows)))
    /// What is in the making at a time comes and goes; the file is larger by half at least.
    private static let growth = 9 << 20

    @Test func `an import and an export of any size take the memory of a few hundred leads`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let site = try await ImportKillSite.set(on: pool, processes: 1)
            let client = HTTPClient()
            defer { client.close() }
            // All that is made once is made, and a full piece of everything was held.
            try await Self.take(200, "warm", site, client)
            _ = try await Self.export(site, client)
            let before = try Self.peak(of: site.pid)
            let started = MonotonicTime.now
            try await Self.take(Self.rows, "bulk", site, client)
            let imported = MonotonicTime.now
            let afterImport = try Self.peak(of: site.pid)
            let (lines, bytes) = try await Self.export(site, client)
            let exported = MonotonicTime.now
            #expect(lines >= Self.rows + 200)
            #expect(bytes > Self.rows * Self.notes.utf8.count)
            let afterExport = try Self.peak(of: site.pid)
            print(
                "bulk: \(Self.rows) rows, \(bytes >> 20) MB; import \(imported - started), export"
                    + " \(exported - imported); peak \(before >> 20), \(afterImport >> 20), \(afterExport >> 20) MB")
            #expect(afterImport - before < Self.growth)
            #expect(afterExport - before < Self.growth)
            await site.end()
        }
    }

    @Reactor
    private static func take(_ count: Int, _ tag: String, _ site: ImportKillSite, _ client: HTTPClient) async throws {
        var body: [UInt8] = []
        for index in 0..<count {
            let line = #"{"external_id": "\#(tag)-\#(index)", "name": "Gente \#(index)", "notes": "\#(notes)"}"#
            body += line.utf8
            body.append(UInt8(ascii: "\n"))
        }
        let accepted = try await send(.post, "/api/v1/leads/import", body, site, client)
        guard let id = accepted["data"]?["import"]?["id"]?.int64 else { throw StageError(what: "\(accepted)") }
        while true {
            let one = try await send(.get, "/api/v1/imports/\(id)", [], site, client)["data"] ?? .null
            if one["status"] == "completed" {
                #expect(one["created"] == JSONValue(count))
                return
            }
            try #require(one["status"] == "queued" || one["status"] == "running", "\(one)")
            await pause(.milliseconds(100))
        }
    }

    @Reactor
    private static func request(
        _ method: HTTPMethod, _ path: String, _ site: ImportKillSite
    ) throws -> HTTPClientRequest {
        guard let url = HTTPURL(site.url + path) else { throw StageError(what: path) }
        var request = HTTPClientRequest(method: method, url: url, fields: ["X-API-Key": .init(site.key)])
        request.fields["Content-Type"] = "application/x-ndjson"
        request.deadlines = .init(connect: .seconds(30), firstByte: .seconds(600), total: .seconds(3600))
        request.maximumResponseBody = 1 << 40
        return request
    }

    @Reactor
    private static func send(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8], _ site: ImportKillSite, _ client: HTTPClient
    ) async throws -> JSONValue {
        var request = try request(method, path, site)
        request.body = body
        return try JSONParser.parse(try await client.send(request).body)
    }

    @Reactor
    private static func export(_ site: ImportKillSite, _ client: HTTPClient) async throws -> (lines: Int, bytes: Int) {
        let stream = try await client.open(try request(.get, "/api/v1/leads/export", site))
        var (lines, bytes) = (0, 0)
        while let piece = try await stream.body.read() {
            bytes += piece.count
            lines += piece.count { $0 == UInt8(ascii: "\n") }
        }
        return (lines, bytes)
    }

    /// The most that a process has had resident, in bytes.
    private static func peak(of pid: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        guard let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            throw StageError(what: "no VmHWM of \(pid)")
        }
        return kilobytes * 1024
    }
}
