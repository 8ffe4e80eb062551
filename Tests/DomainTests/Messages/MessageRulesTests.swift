import JSON
import TestRandom
import Testing

@testable import Domain

/// What is a message, and every reason why something is none (PRODUCT § 6; Meta, "Messages").
@Suite struct MessageRulesTests {
    private static func lines(_ draft: MessageDraft) -> [String] {
        MessageRules.judge(draft).faults.map { "\($0.pointer) \($0.code.rawValue)" }
    }

    private static func words(_ count: Int) -> String { String(repeating: "é", count: count) }

    private static let number = JSONNumber("-23.5505")!

    @Test func `the type is taken from what is given, where that says it`() {
        #expect(MessageRules.judge(MessageDraft(message: "Oi")).content == .text("Oi"))
        let place = MessageDraft(location: .init(latitude: Self.number, longitude: Self.number, name: "Loja"))
        #expect(
            MessageRules.judge(place).content
                == .location(
                    GeoLocation(latitude: Self.number, longitude: Self.number, name: "Loja", address: nil)))
        let buttons = MessageDraft(message: "Sim?", buttons: [.init(id: "s", title: "Sim")])
        #expect(
            MessageRules.judge(buttons).content
                == .buttons(ReplyButtons(body: "Sim?", buttons: [.init(id: "s", title: "Sim")])))
        let stored = MessageDraft(message: "Veja", media: .init(id: 7))
        #expect(
            MessageRules.judge(stored).content
                == .media(
                    MediaRequest(
                        kind: nil, reference: .stored(7), caption: "Veja", captionPointer: "/message")))
        // What lies behind a link nobody knows.
        #expect(Self.lines(MessageDraft(media: .init(url: "https://a.example/b"))) == ["/type required"])
        #expect(
            Self.lines(MessageDraft(message: "a", media: .init(id: 1), buttons: [.init(id: "s", title: "Sim")]))
                == ["/type required"])
    }

    @Test(arguments: [
        (MessageDraft(), ["/message required"]),
        (MessageDraft(message: " \n"), ["/message blank"]),
        (MessageDraft(message: words(4096)), []), (MessageDraft(message: words(4097)), ["/message too_long"]),
        (MessageDraft(type: "sticker", message: "a"), ["/type not_supported"]),
        (MessageDraft(type: "image", message: "a"), ["/media required"]),
        (MessageDraft(type: "image", message: words(1025), media: .init(id: 1)), ["/message too_long"]),
        (MessageDraft(type: "image", media: .init(id: 1, caption: words(1024))), []),
        (MessageDraft(type: "image", media: .init(id: 1, caption: words(1025))), ["/media/caption too_long"]),
        (MessageDraft(type: "image", message: "a", media: .init(id: 1, caption: "b")), ["/media/caption exclusive"]),
        (MessageDraft(type: "image", media: .init(id: 1, url: "https://a.example")), ["/media exclusive"]),
        (MessageDraft(type: "image", media: .init(caption: "b")), ["/media required"]),
        (MessageDraft(type: "image", media: .init(id: 1, filename: "a.jpg")), ["/media/filename misplaced"]),
        (
            MessageDraft(type: "audio", message: "a", media: .init(id: 1, caption: "b")),
            ["/message misplaced", "/media/caption misplaced", "/media/caption exclusive"]
        ),
        (MessageDraft(type: "document", media: .init(id: 1, filename: "a/b")), ["/media/filename invalid_character"]),
        (MessageDraft(type: "text", message: "a", media: .init(id: 1)), ["/media misplaced"]),
        (
            MessageDraft(type: "text", message: "a", header: "h", footer: "f"),
            ["/header misplaced", "/footer misplaced"]
        ),
        (MessageDraft(type: "location", message: "a"), ["/message misplaced", "/location required"]),
        (
            MessageDraft(location: .init(latitude: JSONNumber("90.1"), longitude: nil)),
            ["/location/latitude out_of_range", "/location/longitude required"]
        ),
        (
            MessageDraft(location: .init(latitude: JSONNumber("1e400"), longitude: JSONNumber("-180"))),
            ["/location/latitude out_of_range"]
        ),
    ])
    func `each field is judged by itself, and by the type`(_ draft: MessageDraft, _ faults: [String]) {
        #expect(Self.lines(draft) == faults)
    }

    private static func choice(_ id: String, _ title: String) -> MessageDraft.Choice { .init(id: id, title: title) }

    @Test func `buttons and lists keep to Meta's limits, and every fault is told at once`() {
        let buttons = MessageDraft(
            type: "buttons", message: Self.words(1025),
            buttons: [
                Self.choice("a", Self.words(21)), Self.choice("a", "Sim"), Self.choice(Self.words(257), "Sim"),
                .init(id: nil, title: " "),
            ], header: Self.words(61), footer: " ")
        #expect(
            Set(Self.lines(buttons)) == [
                "/message too_long", "/header too_long", "/footer blank", "/buttons too_many",
                "/buttons/0/title too_long", "/buttons/1/id repeated", "/buttons/2/id too_long",
                "/buttons/2/title repeated", "/buttons/3/id required", "/buttons/3/title blank",
            ])
        #expect(Self.lines(MessageDraft(message: "a", buttons: [])) == ["/buttons required"])
        let rows = (0..<11).map { Self.choice("\($0)", "linha \($0)") }
        let list = MessageDraft(
            message: "a",
            list: .init(
                button: Self.words(21),
                sections: [
                    .init(title: nil, rows: rows),
                    .init(
                        title: Self.words(25),
                        rows: [.init(id: "0", title: Self.words(25), description: Self.words(73))]),
                    .init(title: "c", rows: []),
                ]))
        #expect(
            Set(Self.lines(list)) == [
                "/list/button too_long", "/list/sections too_many", "/list/sections/0/title required",
                "/list/sections/1/title too_long", "/list/sections/1/rows/0/id repeated",
                "/list/sections/1/rows/0/title too_long", "/list/sections/1/rows/0/description too_long",
                "/list/sections/2/rows required",
            ])
        let good = MessageDraft(
            message: Self.words(4096), list: .init(button: "Ver", sections: [.init(rows: Array(rows.prefix(10)))]))
        #expect(Self.lines(good) == [])
    }

    /// Anything from nothing to too much, in every field.
    private static func draft(_ random: inout SeededGenerator) -> MessageDraft {
        func text(_ limits: [Int]) -> String? {
            let limit = limits.randomElement(using: &random) ?? 1
            return switch Int.random(in: 0..<16, using: &random) {
            case 0: nil
            case 1: ["", " \n"].randomElement(using: &random)
            case 2: words(limit + 1)
            case 3: words(limit)
            default: "t\(Int.random(in: 0..<1000, using: &random))"
            }
        }
        func choice() -> MessageDraft.Choice {
            .init(id: text([3, 200, 256]), title: text([3, 20, 24]), description: text([72]))
        }
        func some<Part>(_ limit: Int, _ make: () -> Part) -> [Part] {
            (0..<Int.random(in: 0...limit, using: &random)).map { _ in make() }
        }
        func maybe<Part>(_ make: () -> Part) -> Part? {
            Int.random(in: 0..<3, using: &random) == 0 ? make() : nil
        }
        let numbers = [nil] + ["0", "90", "-90.0000001", "180", "181", "1e999"].map { JSONNumber($0) }
        let types = [nil, nil, "x"] + MessageKind.allCases.map { Optional($0.rawValue) }
        return MessageDraft(
            type: types.randomElement(using: &random) ?? nil, message: text([60, 1024, 4096]),
            media: maybe {
                .init(
                    id: [nil, 1].randomElement(using: &random) ?? nil,
                    url: [nil, "https://a.example"].randomElement(using: &random) ?? nil, caption: text([1024]),
                    filename: text([240]))
            },
            location: maybe {
                .init(
                    latitude: numbers.randomElement(using: &random) ?? nil,
                    longitude: numbers.randomElement(using: &random) ?? nil, name: text([1000]), address: nil)
            },
            buttons: maybe { some(4, choice) },
            list: maybe {
                .init(button: text([20]), sections: some(3) { .init(title: text([24]), rows: some(5, choice)) })
            },
            header: maybe { text([60]) } ?? nil, footer: maybe { text([60]) } ?? nil)
    }

    @Test func `a draft is a message or is faulty, never both and never neither`() {
        var random = SeededGenerator(seed: 20_261_121)
        var kinds: [String: Int] = [:]
        for round in 0..<20_000 {
            let draft = Self.draft(&random)
            let (content, faults) = MessageRules.judge(draft)
            #expect((content == nil) != faults.isEmpty, "round \(round): \(draft)")
            #expect(faults.allSatisfy { $0.pointer.hasPrefix("/") }, "round \(round)")
            guard let content else { continue }
            kinds["\(content)".prefix { $0 != "(" }.description, default: 0] += 1
            #expect(MessageRulesTests.keepsLimits(content), "round \(round): \(content)")
        }
        #expect(kinds.count == 5, "\(kinds)")
    }

    /// Meta's limits once more, over what was let through.
    private static func keepsLimits(_ content: SendRequest.Content) -> Bool {
        func fits(_ text: String?, _ limit: Int) -> Bool {
            text.map { (1...limit).contains($0.unicodeScalars.count) && !$0.allSatisfy(\.isWhitespace) } ?? true
        }
        switch content {
        case .text(let text): return fits(text, 4096)
        case .media(let media): return fits(media.caption, 4096) && fits(media.filename, 240)
        case .location(let place):
            return abs(place.latitude.double ?? 91) <= 90 && abs(place.longitude.double ?? 181) <= 180
        case .buttons(let content):
            return fits(content.body, 1024) && fits(content.header, 60) && fits(content.footer, 60)
                && (1...3).contains(content.buttons.count)
                && content.buttons.allSatisfy { fits($0.id, 256) && fits($0.title, 20) }
                && Set(content.buttons.map(\.title)).count == content.buttons.count
        case .list(let content):
            let rows = content.sections.flatMap(\.rows)
            return fits(content.body, 4096) && fits(content.button, 20) && (1...10).contains(rows.count)
                && content.sections.allSatisfy { !$0.rows.isEmpty && fits($0.title, 24) }
                && (content.sections.count == 1 || content.sections.allSatisfy { $0.title != nil })
                && rows.allSatisfy { fits($0.id, 200) && fits($0.title, 24) && fits($0.description, 72) }
                && Set(rows.map(\.id)).count == rows.count
        case .template: return false
        }
    }

    @Test func `a stored file tells what it is, and must be what is asked for`() {
        func medium(_ kind: MediaKind) -> Medium {
            Medium(
                id: 7, source: .upload, kind: kind, mimeType: "a/b", filename: "f.pdf", size: 1, sha256: [1],
                instanceID: nil, createdAt: Timestamp(seconds: 0))
        }
        func lines(_ request: MediaRequest, _ stored: [Medium]) -> [String] {
            switch request.judged(among: stored) {
            case .success(let content): ["\(content.kind) \(content.filename ?? "-")"]
            case .failure(let faults): faults.all.map { "\($0.pointer) \($0.code.rawValue)" }
            }
        }
        let request = MediaRequest(kind: nil, reference: .stored(7), caption: "a", captionPointer: "/message")
        #expect(lines(request, []) == ["/media/id not_found"])
        #expect(lines(request, [medium(.image)]) == ["image -"])
        #expect(lines(request, [medium(.document)]) == ["document f.pdf"])
        #expect(lines(request, [medium(.audio)]) == ["/message misplaced"])
        #expect(lines(request, [medium(.sticker)]).contains("/media/id type_mismatch"))
        let asked = MediaRequest(kind: .video, reference: .stored(7))
        #expect(lines(asked, [medium(.image)]) == ["/media/id type_mismatch"])
    }

    @Test func `a number without buttons shows numbered choices`() {
        let buttons = ReplyButtons(
            header: "Pedido", body: "Confirma?", footer: "Loja",
            buttons: [.init(id: "s", title: "Sim"), .init(id: "n", title: "Não")])
        #expect(NumberedText.of(buttons) == "Pedido\n\nConfirma?\n\n1. Sim\n2. Não\n\nLoja")
        let list = OptionList(
            body: "Escolha", button: "Ver",
            sections: [
                .init(
                    title: "Manhã",
                    rows: [.init(id: "1", title: "9h"), .init(id: "2", title: "10h", description: "cheio")]),
                .init(title: "Tarde", rows: [.init(id: "3", title: "14h")]),
            ])
        #expect(NumberedText.of(list) == "Escolha\n\nManhã\n1. 9h\n2. 10h: cheio\n\nTarde\n3. 14h")
    }
}
