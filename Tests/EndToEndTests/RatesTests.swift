import API
import Domain
import HTTP
import JSON
import TestSupport
import Testing

@testable import leadwire

/// A key's requests by the minute.
@Suite struct RatesTests {
    @Test func `a key of five is admitted five times a minute`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey(rate: 5)
            // A minute of its own, so that the five do not meet its end.
            stage.toNextMinute()
            for left in [4, 3, 2, 1, 0] {
                let answer = try await stage.get("/api/v1/me", key: key.token)
                #expect(answer.status == 200)
                #expect(answer.fields["X-RateLimit-Limit"] == "5")
                #expect(answer.fields["X-RateLimit-Remaining"] == "\(left)")
                #expect(answer.fields["X-RateLimit-Reset"] == "60")
                #expect(answer.fields["RateLimit-Policy"] == "\"default\";q=5;w=60")
                #expect(answer.fields["RateLimit"] == "\"default\";r=\(left);t=60")
                #expect(answer.fields["Retry-After"] == nil)
            }
            stage.clock.advance(by: .seconds(15))
            for _ in 0..<3 {
                let refused = try await stage.get("/api/v1/leads", key: key.token)
                #expect(refused.status == 429)
                #expect(refused.code == "rate_limited")
                #expect(refused.fields["Retry-After"] == "45")
                #expect(refused.json["retry_after"] == 45)
                #expect(refused.fields["X-RateLimit-Remaining"] == "0")
                #expect(refused.fields["X-RateLimit-Reset"] == "45")
            }
            // Another key of the account has its own minute.
            #expect(try await stage.get("/api/v1/me").status == 200)
            stage.clock.advance(by: .seconds(45))
            let next = try await stage.get("/api/v1/me", key: key.token)
            #expect(next.status == 200)
            #expect(next.fields["X-RateLimit-Remaining"] == "4")
        }
    }

    @Test(arguments: [1, 7, 25, 60])
    func `many at once are admitted up to the rate and not one more`(_ rate: Int) async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey(rate: rate)
            stage.toNextMinute()
            let statuses = try await LeadsCreateTests.atOnce(rate + 20) { _ in
                try await stage.get("/api/v1/me", key: key.token).status
            }
            #expect(statuses.filter { $0 == 200 }.count == rate)
            #expect(statuses.filter { $0 == 429 }.count == 20)
        }
    }

    @Test func `every answer to a known key tells where it stands`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey(rate: 1000)
            let paths = [
                ("/api/v1/me", 200), ("/api/v1/leads/999999", 404), ("/api/v1/leads?page=0", 422),
                ("/api/v1/whatsapp/instances", 200),
            ]
            for (path, status) in paths {
                for way in Stage.Way.allCases {
                    let answer = try await stage.get(path, key: key.token, way: way)
                    #expect(answer.status == status, "\(path)")
                    for field in [
                        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit",
                        "RateLimit-Policy",
                    ] { #expect(answer.fields[field] != nil, "\(path) \(field)") }
                }
            }
            let bare = try await stage.newKey([], rate: 1000)
            let refused = try await stage.get("/api/v1/leads", key: bare.token)
            #expect(refused.status == 403)
            #expect(refused.fields["X-RateLimit-Remaining"] == "999")
        }
    }
}

extension Stage {
    /// The clock to the beginning of the next whole minute.
    func toNextMinute() {
        let minute: Int64 = 60_000_000
        clock.advance(by: .microseconds(minute - now.microseconds % minute))
    }
}
