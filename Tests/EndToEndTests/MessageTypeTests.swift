import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// PRODUCT § 6: every type of message, at both providers, told afterwards as it was sent.
@Suite struct MessageTypeTests {
    private static let buttons: JSONValue = [["id": "sim", "title": "Sim"], ["id": "nao", "title": "Não"]]
    private static let list: JSONValue = [
        "button": "Horários",
        "sections": [["title": "Manhã", "rows": [["id": "9", "title": "9h", "description": "com a Lia"]]]],
    ]
    private static let latitude = JSONValue.number(JSONNumber("-23.5505")!)
    private static let place: JSONValue = [
        "latitude": latitude, "longitude": .number(JSONNumber("-46.6333")!), "name": "Loja",
        "address": "Av. Paulista, 1",
    ]

    /// What each type is asked for with; `media` is filled in.
    private static func bodies(_ stage: Stage) async throws -> [(type: String, body: JSONObject, words: String?)] {
        func media(_ id: Int64, _ more: (String, JSONValue)...) -> JSONValue {
            .object(JSONObject([("id", .number(JSONNumber(id)))] + more))
        }
        let image = try await stage.medium(Stage.jpeg(), as: "image/jpeg")
        let video = try await stage.medium(Stage.mp4, as: "video/mp4")
        let audio = try await stage.medium(Stage.ogg, as: "audio/ogg; codecs=opus")
        let document = try await stage.medium(Stage.pdf, as: "application/pdf", filename: "proposta.pdf")
        return [
            ("text", JSONObject([("message", "Oi")]), "Oi"),
            ("image", JSONObject([("message", "Veja"), ("media", media(image))]), "Veja"),
            ("video", JSONObject([("type", "video"), ("media", media(video, ("caption", "Filme")))]), "Filme"),
            ("audio", JSONObject([("media", media(audio))]), nil),
            ("document", JSONObject([("media", media(document))]), nil),
            ("location", JSONObject([("location", place)]), "Loja"),
            (
                "buttons",
                JSONObject([
                    ("message", "Confirma?"), ("buttons", buttons), ("header", "Pedido"), ("footer", "Loja"),
                ]), "Confirma?"
            ),
            ("list", JSONObject([("message", "Escolha"), ("list", list)]), "Escolha"),
        ]
    }

    @Test func `every type arrives by the Cloud API, and the message and its events tell it`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let shapes: [String: (type: String, content: JSONValue)] = [
                "text": ("text", ["body": "Oi"]), "location": ("location", Self.place),
                "buttons": (
                    "interactive",
                    [
                        "type": "button", "header": ["type": "text", "text": "Pedido"],
                        "body": ["text": "Confirma?"], "footer": ["text": "Loja"],
                        "action": [
                            "buttons": [
                                ["type": "reply", "reply": ["id": "sim", "title": "Sim"]],
                                ["type": "reply", "reply": ["id": "nao", "title": "Não"]],
                            ]
                        ],
                    ]
                ), "list": ("interactive", ["type": "list", "body": ["text": "Escolha"], "action": Self.list]),
            ]
            for (type, body, words) in try await Self.bodies(stage) {
                let answer = try await stage.send(body, instance: Stage.cloud, way: .socket)
                #expect(answer.status == 201, "\(type): \(answer.text)")
                #expect(answer.message["type"]?.string == type)
                #expect(answer.message["text"]?.string == words, "\(type)")
                let phone = try #require(try await stage.received(Stage.ana).last)
                #expect(phone["id"] == answer.message["provider_message_id"], "\(type)")
                #expect(phone["type"]?.string == shapes[type]?.type ?? type)
                if let shape = shapes[type] { #expect(phone["content"] == shape.content, "\(type)") }
                if let caption = words, shapes[type] == nil {
                    #expect(phone["content"]?["caption"]?.string == caption, "\(type)")
                }
                let message = try await stage.message(answer)
                #expect(message == answer.message, "\(type)")
                for field in ["location", "buttons", "list", "header", "footer"] {
                    #expect(message[field] == body[field], "\(type): \(field)")
                }
                #expect(message["sent_as"] == nil, "\(type)")
                let told = try await stage.sql(
                    "SELECT data->'message' FROM events WHERE message_id = $1 AND type = 'message.accepted'",
                    [.int(message["id"]?.int64)])
                #expect(try told.map { try JSONParser.parse(Array($0.text(0).utf8)) } == [message], "\(type)")
            }
            let document = try await stage.received(Stage.ana)[4]
            #expect(document["content"]?["filename"] == "proposta.pdf")
            let last = try #require(
                try await stage.sql("SELECT id FROM messages WHERE type = 'document'").first?.int(0))
            let media = try await stage.message(last)["media"]
            #expect(media?["mime_type"] == "application/pdf")
            #expect(media?["filename"] == "proposta.pdf")
            #expect(media?["size"]?.int64 == Int64(Stage.pdf.count))
            #expect(media?["sha256"]?.string == Hex.encode(SHA256.digest(Stage.pdf)))
            #expect(media?["url"] == .null)
        }
    }

    @Test func `every type arrives by WAHA, with choices as numbered words, which is told`() async throws {
        try await Stage.run { stage in
            let files = ["image": Stage.jpeg(), "video": Stage.mp4, "audio": Stage.ogg, "document": Stage.pdf]
            for (type, body, words) in try await Self.bodies(stage) {
                let preflight = try await stage.post(
                    "/api/v1/leads/1/whatsapp/preflight", .object(body.with("instance_id", 1)))
                let answer = try await stage.send(body, instance: Stage.waha)
                #expect(answer.status == 201, "\(type): \(answer.text)")
                #expect(answer.message["type"]?.string == type)
                #expect(answer.message["text"]?.string == words, "\(type)")
                let phone = try #require(try await stage.received(Stage.ana).last)
                let shown = preflight.data["rendered"]?["body"]?.string
                switch type {
                case "buttons":
                    #expect(phone["type"] == "text")
                    #expect(phone["text"] == "Pedido\n\nConfirma?\n\n1. Sim\n2. Não\n\nLoja")
                case "list":
                    #expect(phone["type"] == "text")
                    #expect(phone["text"] == "Escolha\n\nManhã\n1. 9h: com a Lia")
                case "location":
                    #expect(phone["content"]?["title"] == "Loja")
                    #expect(phone["content"]?["latitude"] == Self.latitude)
                case "text": #expect(phone["text"] == "Oi")
                default:
                    let bytes = try #require(files[type])
                    #expect(phone["type"]?.string == type)
                    #expect(phone["content"]?["file"]?["sha256"]?.string == Hex.encode(SHA256.digest(bytes)), "\(type)")
                    #expect(phone["content"]?["caption"]?.string == words, "\(type)")
                }
                let isWords = type == "buttons" || type == "list"
                #expect(answer.message["sent_as"] == (isWords ? "numbered_text" : nil), "\(type)")
                #expect(try await stage.message(answer)["sent_as"] == answer.message["sent_as"], "\(type)")
                if isWords {
                    #expect(shown == phone["text"]?.string, "\(type)")
                    #expect(answer.message["buttons"] == body["buttons"])
                }
            }
        }
    }

    @Test func `a file goes to a number's provider once, and again when the provider no longer has it`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let id = try await stage.medium(Stage.jpeg(700_000), as: "image/jpeg")
            let body = JSONObject([("media", ["id": .number(JSONNumber(id))])])
            for _ in 0..<3 { #expect(try await stage.send(body, instance: Stage.cloud).status == 201) }
            #expect(try await stage.calls("/media") == 1)
            // Meta forgets; ours is told by the next refusal, and the send after it brings the file anew.
            let provider = try #require(
                try await stage.sql("SELECT provider_media_id FROM media_uploads").first?.text(0))
            let forgotten = try await stage.send(
                "\(stage.simulatorURL)/v23.0/\(provider)", .delete,
                ["Authorization": .init("Bearer \(stage.channels.official.token)")], [])
            #expect(forgotten.status == 200, "\(forgotten.text)")
            #expect(try await stage.send(body, instance: Stage.cloud).status == 502)
            #expect(try await stage.send(body, instance: Stage.cloud).status == 201)
            #expect(try await stage.calls("/media") == 2)
            stage.clock.advance(by: .seconds(29 * 86_400))
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            #expect(try await stage.send(body, instance: Stage.cloud).status == 201)
            #expect(try await stage.calls("/media") == 3)
        }
    }

    @Test(arguments: ["unavailable_once", "resets_unseen", "loses_answer", "unreadable_error"])
    func `an upload that fails sends nothing, and is tried again until the message is out`(
        _ fault: String
    ) async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let id = try await stage.medium(Stage.jpeg(), as: "image/jpeg")
            try await stage.control("faults", ["next": [["fault": .string(fault), "call": "media"]]])
            let answer = try await stage.send(
                JSONObject([("media", ["id": .number(JSONNumber(id))])]), instance: Stage.cloud,
                fields: ["Prefer": "respond-async"])
            #expect(answer.status == 202)
            try await stage.eventuallyWithTime("it is out") { try await stage.messageStatus(answer) != "sending" }
            try await stage.eventuallyWithTime("it is out") { try await stage.received(Stage.ana).count == 1 }
            #expect(try await stage.calls("/media") == 2)
        }
    }

    @Test(arguments: [false, true])
    func `a lost answer to a message of any type is unknown, and never sent again`(_ isWAHA: Bool) async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let instance = isWAHA ? Stage.waha : Stage.cloud
            let (phone, business) = ("+5511987650004", isWAHA ? Stage.wahaPhone : Stage.cloudPhone)
            let lead = try await stage.lead(phone: phone)
            try await stage.hears(from: phone, at: business)
            for (index, (type, body, _)) in try await Self.bodies(stage).enumerated() {
                let answer = try await stage.send(
                    body, lead: lead, instance: instance, fields: ["Idempotency-Key": .init("k\(index)")])
                #expect(answer.status == 202, "\(type): \(answer.text)")
                #expect(answer.message["status"] == "unknown", "\(type)")
                let again = try await stage.send(
                    body, lead: lead, instance: instance, fields: ["Idempotency-Key": .init("k\(index)")])
                #expect(again.message["id"] == answer.message["id"], "\(type)")
                #expect(try await stage.received(phone).count == index + 1, "\(type)")
            }
            stage.clock.advance(by: .seconds(3600))
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.received(phone).count == 8)
        }
    }

    @Test func `a link goes to Meta as it is, and WAHA gets what it leads to`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let bytes = Stage.jpeg(300_000)
            let upload = try await stage.upload(bytes, as: "image/jpeg")
            let link = stage.url + (upload.data["url"]?.string ?? "")
            let body = JSONObject([("type", "image"), ("message", "Veja"), ("media", ["url": .string(link)])])
            let before = try await stage.files()
            let official = try await stage.send(body, instance: Stage.cloud)
            #expect(official.status == 201, "\(official.text)")
            #expect(try await stage.received(Stage.ana).last?["content"]?["link"]?.string == link)
            #expect(official.message["media"]?["url"]?.string == link)
            #expect(try await stage.files() == before)
            let fetched = try await stage.send(body, instance: Stage.waha)
            #expect(fetched.status == 201, "\(fetched.text)")
            let hash = Hex.encode(SHA256.digest(bytes))
            #expect(try await stage.received(Stage.ana).last?["content"]?["file"]?["sha256"]?.string == hash)
            #expect(try await stage.message(fetched)["media"]?["sha256"]?.string == hash)
            #expect(try await stage.files() == before + 1)
            // What is no picture, what is not there, and what nobody answers for.
            for (link, status) in [
                (stage.url + "/ping", 502), (stage.url + "/nope", 502), ("http://127.0.0.1:1/a.jpg", 202),
            ] {
                let refused = try await stage.send(
                    JSONObject([("type", "image"), ("media", ["url": .string(link)])]), instance: Stage.waha)
                #expect(refused.status == status, "\(link): \(refused.text)")
            }
            #expect(try await stage.files() == before + 1)
        }
    }

    @Test func `an address that the Internet cannot reach is refused before anything is done`() async throws {
        try await Stage.run { stage in
            let before = try await stage.traces()
            for link in [
                "http://169.254.169.254/latest", "http://10.0.0.1/a.jpg", "http://[fd00::1]/a.jpg",
                "http://192.168.0.1/a.jpg",
            ] {
                for instance in [Stage.waha, Stage.cloud] {
                    let answer = try await stage.send(
                        JSONObject([("type", "image"), ("media", ["url": .string(link)])]), instance: instance)
                    #expect(answer.faults == ["/media/url private_address"], "\(link)")
                }
                let header = try await stage.sendTemplate(
                    12, ["Ana", "julho"], extra: JSONObject([("header_media", ["link": .string(link)])]))
                #expect(header.faults.contains("/header_media/link private_address"), "\(header.text)")
            }
            #expect(try await stage.traces() == before)
        }
    }

    @Test func `a template's header takes a kept file of its kind, and says what it lacks`() async throws {
        try await Stage.run { stage in
            let image = try await stage.medium(Stage.jpeg(), as: "image/jpeg")
            let film = try await stage.medium(Stage.mp4, as: "video/mp4")
            func send(_ media: JSONValue?) async throws -> Answer {
                try await stage.sendTemplate(
                    12, ["julho"], extra: JSONObject(media.map { [("header_media", $0)] } ?? []))
            }
            let sent = try await send(["id": .number(JSONNumber(image))])
            #expect(sent.status == 201, "\(sent.text)")
            #expect(sent.message["media"]?["id"]?.int64 == image)
            #expect(try await stage.calls("/media") == 1)
            #expect(try await send(nil).faults == ["/header_media missing"])
            #expect(try await send(["id": .number(JSONNumber(film))]).faults == ["/header_media/id wrong_type"])
            #expect(try await send(["id": 9999]).faults == ["/header_media/id missing"])
            #expect(try await send(["id": 9999]).code == "binding_failed")
        }
    }

    @Test func `a template's header takes a place where it is a map`() async throws {
        try await Stage.run { stage in
            try await stage.sql(
                """
                UPDATE templates SET components =
                    jsonb_set(components::jsonb, '{0}', '{"type": "HEADER", "format": "LOCATION"}')::json
                WHERE id = 12
                """)
            let kept = try await stage.get("/api/v1/whatsapp/templates/12").data
            try await stage.control(
                "template",
                [
                    "name": kept["name"] ?? .null, "language": kept["language"] ?? .null,
                    "components": kept["components"] ?? .null, "silent": true,
                ])
            func send(_ media: JSONValue?) async throws -> Answer {
                try await stage.sendTemplate(
                    12, ["Ana"], extra: JSONObject(media.map { [("header_media", $0)] } ?? []))
            }
            let sent = try await send(["location": Self.place])
            #expect(sent.status == 201, "\(sent.text)")
            #expect(sent.message["location"] == Self.place)
            let parameter = try await stage.received(Stage.ana).last?["content"]?["components"]?[0]?["parameters"]?[0]
            #expect(parameter == ["type": "location", "location": Self.place])
            #expect(try await send(nil).faults == ["/header_media missing"])
            #expect(try await send(["link": "https://a.example/b.jpg"]).faults == ["/header_media wrong_type"])
            #expect(
                Set(try await send(["location": ["latitude": 91]]).faults) == [
                    "/header_media/location/latitude out_of_range", "/header_media/location/longitude required",
                ])
            let text = try await stage.sendTemplate(
                1, ["Ana", "x", "10/07"], extra: JSONObject([("header_media", ["location": Self.place])]))
            #expect(text.faults == ["/header_media/location extra"])
        }
    }

    @Test func `the window, dry runs and replies hold for every type`() async throws {
        try await Stage.run { stage in
            for (type, body, words) in try await Self.bodies(stage) {
                let closed = try await stage.send(body, instance: Stage.cloud)
                #expect(closed.code == "window_closed", "\(type)")
                let dry = try await stage.send(body, instance: Stage.waha, query: "?dry_run=true")
                #expect(dry.status == 200, "\(type): \(dry.text)")
                #expect(dry.message["type"]?.string == type)
                #expect(dry.message["text"]?.string == words, "\(type)")
                let sent = try await stage.send(body, instance: Stage.waha)
                for field in ["media", "location", "buttons", "list", "sent_as"] {
                    #expect(dry.message[field] == sent.message[field], "\(type): \(field)")
                }
                let fallback = try await stage.send(
                    body.with("fallback", ["template_id": 1, "variables": ["Ana", "x", "10/07"]]),
                    instance: Stage.cloud)
                #expect(fallback.data["used_fallback"] == true, "\(type): \(fallback.text)")
                #expect(fallback.message["type"] == "template", "\(type)")
                #expect(fallback.message["media"] == nil, "\(type)")
            }
            let first = try await stage.sendText("Primeira", instance: 1)
            let target = try #require(first.message["id"])
            let reply = try await stage.send(
                JSONObject([("location", Self.place), ("reply_to", target)]), instance: Stage.waha)
            #expect(reply.status == 201)
            #expect(reply.message["reply_to"] == target)
            #expect(try await stage.received(Stage.ana).last?["content"]?["reply_to"]?.string?.isEmpty == false)
        }
    }
}

extension JSONObject {
    func with(_ key: String, _ value: JSONValue) -> JSONObject {
        var object = self
        object[key] = value
        return object
    }
}
