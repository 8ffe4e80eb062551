import API
import Domain
import HTTP
import JSON
import Postgres
import Testing

@testable import leadwire

/// Thousands of mutated requests, the same in every run: each gets an answer in the one shape, and none is our fault.
@Suite struct BadInputFuzzTests {
    private static let rounds = 500

    private static func judge(_ answer: Answer, _ what: @autoclosure () -> String) {
        guard answer.status < 500, let object = answer.json.object else {
            Issue.record("\(answer.status) to \(what()): \(answer.text.prefix(300))")
            return
        }
        let isSuccess = answer.status < 400
        guard object["success"]?.bool == isSuccess else {
            Issue.record("success is not \(isSuccess) in \(answer.status) to \(what())")
            return
        }
        guard isSuccess || ["code", "message", "request_id"].allSatisfy({ object[$0]?.string?.isEmpty == false }) else {
            Issue.record("an incomplete refusal of \(what()): \(answer.text.prefix(300))")
            return
        }
    }

    private static let seeds: [String: [JSONValue]] = [
        "/api/v1/leads": [
            [
                "name": "Ana", "phone": "11987654321", "email": "a@b.example", "external_id": "x1",
                "birthday": "1990-01-02", "value": 12, "currency": "BRL", "tags": ["a", "b"], "pipeline_id": 1,
                "stage_id": 1, "assigned_to": 1, "notes": "n", "utm_source": "s", "custom_fields": [:],
            ]
        ],
        "/api/v1/leads/{id}/send-whatsapp": [
            [
                "message": "Oi", "instance_id": 2, "type": "text", "client_reference": "r", "sent_by": "me",
                "reply_to": 1, "send_at": "2027-01-01T00:00:00Z", "valid_until": "2028-01-01T00:00:00Z",
                "fallback": ["template_id": 1, "variables": ["a", "b", "c"]],
            ]
        ],
        "/api/v1/leads/{id}/send-whatsapp-template": [
            ["template_id": 1, "variables": ["a", "b", "c"], "instance_id": 2, "header_media": ["id": "1"]],
            ["template": ["name": "pedido_completo", "language": "pt_BR"], "variables": ["header.1": "a", "1": "b"]],
        ],
        "/api/v1/users": [["name": "Rui", "email": "rui@example.com", "role": "admin"]],
        "/api/v1/tasks": [
            [
                "subject": "Ligar", "type": "call", "due_date": "2026-12-01", "due_time": "14:30", "priority": "low",
                "description": "d", "notes": "n", "lead_id": 1, "assigned_to": 1, "is_mandatory": true,
            ]
        ],
        "/api/v1/custom-fields": [
            [
                "name": "plano", "label": "Plano", "field_type": "select", "options": ["a", "b"], "sort_order": 1,
                "is_active": true, "show_on_card": false,
            ], ["name": "nps", "field_type": "number"],
        ],
        "/api/v1/api-keys": [
            [
                "name": "k", "permissions": ["leads:read"], "instance_ids": [1, 2], "rate_per_minute": 60,
                "expires_at": "2099-01-01T00:00:00Z",
            ]
        ],
        "/api/v1/sequences": [
            [
                "name": "s", "description": "d", "exit_on_reply": true,
                "steps": [
                    [
                        "type": "message", "delay_minutes": 5,
                        "config": ["message": "Oi", "fallback": ["template_id": 1]],
                    ],
                    ["type": "template", "config": ["template_id": 1, "variables": ["1": "a", "2": "b"]]],
                    ["type": "task", "config": ["subject": "Ligar", "type": "call", "due_in_days": 1]],
                ],
            ]
        ],
        "/api/v1/leads/{id}/sequences": [["sequence_id": 1]],
        "/api/v1/whatsapp/batches": [
            [
                "template_id": 1, "variables": ["nome": "Ana", "titulo": "x"], "name": "a", "valid_until": "2030-01-01",
                "recipients": [
                    ["lead_id": 1, "variables": ["data": "10/07"], "client_reference": "r"], ["lead_id": 2],
                ],
            ],
            [
                "template": ["name": "lembrete_proposta", "language": "pt_BR"], "variables": ["a", "b", .null],
                "lead_ids": [1, 2, 3], "instance_id": 2, "all_or_nothing": true,
            ],
        ],
    ]

    private static func seeds(of route: Route) -> [JSONValue] {
        seeds[route.pattern] ?? seeds.values.flatMap { $0 }
    }

    @Test func `mutated bodies`() async throws {
        try await Stage.run { stage in
            for route in Route.guarded where route.takesBody {
                var mutator = Mutator(seed: 20_261_120)
                let sends = route.pattern.contains("send-") || route.pattern.hasSuffix("/batches")
                let query = sends ? "?dry_run=true" : ""
                let seeds = Self.seeds(of: route)
                for round in 0..<Self.rounds {
                    let body = mutator.body(seeds[round % seeds.count])
                    let answer = try await stage.request(.post, route.path() + query, body: body)
                    Self.judge(answer, "\(route.name) \(String(decoding: body.prefix(500), as: UTF8.self))")
                }
            }
            #expect(try await stage.count(.messages) == 0)
            // None of it took the key away that all of it was asked with.
            #expect(try await stage.get("/api/v1/me").status == 200)
        }
    }

    @Test func `mutated bodies that are sent`() async throws {
        try await Stage.run { stage in
            for route in Route.guarded where route.pattern.contains("send-") {
                var mutator = Mutator(seed: 7)
                let seeds = Self.seeds(of: route)
                for round in 0..<100 {
                    let body = mutator.body(seeds[round % seeds.count])
                    let answer = try await stage.request(
                        .post, route.path(), body: body, fields: ["Prefer": "respond-async"])
                    Self.judge(answer, "\(route.name) \(String(decoding: body.prefix(500), as: UTF8.self))")
                }
            }
        }
    }

    @Test func `mutated lines of imports`() async throws {
        try await Stage.run { stage in
            var mutator = Mutator(seed: 20_261_121)
            let seeds = Self.seeds["/api/v1/leads"] ?? []
            let bodies = (0..<Self.rounds).map { mutator.body(seeds[$0 % seeds.count]) }
            let csv = ["name,phone,email,value,tags,birthday,notes\n"].map { Array($0.utf8) } + bodies
            for (body, isCSV) in [(bodies, false), (csv, true)] {
                let answer = try await stage.imports(body.joined(separator: [UInt8(ascii: "\n")]), csv: isCSV)
                #expect(answer.status == 202, "\(answer.text)")
                let ended = try await stage.ended(answer)
                #expect(ended["status"] == "completed")
                #expect(ended["processed"] == ended["received"])
                let told = try await stage.sql(
                    "SELECT line FROM import_lines WHERE report ->> 'code' = 'internal_error'")
                #expect(try told.map { try $0.int(0) } == [], "the database could not hold these")
            }
        }
    }

    @Test func `mutated queries`() async throws {
        try await Stage.run { stage in
            let names = [
                "q", "stage_id", "page", "per_page", "cursor", "limit", "instance_id", "status", "language", "category",
                "name", "hub.challenge", "due_from", "active_only", "lead_id", "x",
            ]
            for route in Route.table where route.method == .get && !route.pattern.contains("openapi") {
                var mutator = Mutator(seed: 99)
                for _ in 0..<Self.rounds {
                    let query = mutator.query(names)
                    let answer = try await stage.get("\(route.path(mutator.pathSegment()))?\(query)")
                    // Not ready is what it says when the clock is a test's own.
                    if route.pattern == "/readyz" { continue }
                    // Meta reads plain text, and so does Prometheus.
                    if route.pattern.hasPrefix("/hooks/") || route.pattern == "/metrics" {
                        #expect(answer.status < 500)
                    } else if answer.fields["Content-Type"] == "application/x-ndjson" {
                        #expect(answer.status == 200)
                        #expect(answer.text.split(separator: "\n").allSatisfy { $0.hasPrefix("{\"id\":") }, "\(query)")
                    } else {
                        Self.judge(answer, "\(route.name) \(query)")
                    }
                }
            }
        }
    }
}
