import JSON
import Testing

@testable import Domain

/// A message that was sent is asked for again as it was.
@Suite struct SendRequestKeptTests {
    private static let buttons = ReplyButtons(
        header: "Pedido", body: "Confirma?", footer: "Loja", buttons: [.init(id: "s", title: "Sim")])
    private static let list = OptionList(
        header: nil, body: "Escolha", footer: nil, button: "Ver",
        sections: [.init(title: nil, rows: [.init(id: "a", title: "Um", description: "o primeiro")])])
    private static let place = GeoLocation(
        latitude: JSONNumber(1), longitude: JSONNumber(2), name: "Loja", address: nil)

    private static let contents: [SendRequest.Content] = [
        .text("Olá"), .buttons(buttons), .list(list), .location(place),
        .media(MediaRequest(kind: .image, reference: .id("77"), caption: "Veja")),
        .template(.init(choice: .id(1), variables: .list([.text("Ana")]))),
    ]

    @Test(arguments: contents, [SendScene.cloud, SendScene.web])
    func `what is judged again from the kept message is the same message`(
        _ content: SendRequest.Content, _ instance: Instance
    ) throws {
        if case .template = content, instance == SendScene.web { return }
        var scene = SendScene(instances: [instance])
        scene.wrote(.seconds(60), on: instance)
        let first = scene.judge(SendRequest(content: content, instanceID: instance.id))
        let sent = try #require(first.content)
        let kept = try #require(OutboundContent(json: sent.json))
        let again = try #require(
            SendRequest.Content(
                kept: kept, template: first.template?.id, text: first.text, details: first.details.json?.object))
        let second = scene.judge(SendRequest(content: again, instanceID: instance.id))
        #expect(second.codes == [])
        #expect(second.content == sent)
        #expect(second.text == first.text)
        #expect(second.type == first.type)
        #expect(second.details == first.details)
    }

    private struct Sample: Sendable {
        let template: TemplateContent
        let variables: VariablesInput
    }

    private static let samples = [
        Sample(template: TemplateSamples.reminder, variables: TemplateSamples.list("Ana", "a", "b")),
        Sample(
            template: TemplateSamples.everything,
            variables: TemplateSamples.object([
                "header.1": "42", "body.1": "Ana", "body.2": "Bia", "button.1.1": "abc", "button.2.1": "PROMO",
            ])),
        Sample(
            template: TemplateSamples.named,
            variables: TemplateSamples.object(["order_id": "77", "first_name": "Ana"])),
        Sample(
            template: TemplateSamples.authentication(button: TemplateSamples.otpButton),
            variables: TemplateSamples.list("123456")),
    ]

    @Test(arguments: samples.indices)
    func `what was bound is bound again to the same`(_ index: Int) throws {
        let sample = Self.samples[index]
        let result = TemplateBinding.bind(sample.template, variables: sample.variables)
        let first = try #require(result.bound, "\(result.lines)")
        let second = TemplateBinding.bind(sample.template, variables: .bound(first.components))
        #expect(second.lines == [])
        #expect(second.bound?.components == first.components)
        #expect(second.bound?.rendered == first.rendered)
    }

    @Test func `what was bound does not fit a template that has changed since`() throws {
        let bound = try #require(
            TemplateBinding.bind(TemplateSamples.reminder, variables: TemplateSamples.list("Ana", "a", "b")).bound)
        let longer = TemplateSamples.body("{{1}} {{2}} {{3}} {{4}} e fim")
        #expect(TemplateBinding.bind(longer, variables: .bound(bound.components)).lines == ["/variables/3 missing"])
        let shorter = TemplateSamples.body("Oi {{1}}, {{2}} e fim")
        #expect(TemplateBinding.bind(shorter, variables: .bound(bound.components)).lines == ["/variables/2 extra"])
    }

    @Test(arguments: [
        SendRequest.TemplateContent(choice: .id(7), variables: .absent),
        .init(choice: .id(7), variables: .list([.text("Ana"), .null, .wrongType])),
        .init(
            choice: .name("lembrete", language: "pt_BR"),
            variables: .object([.init(key: "nome", value: .text("Ana")), .init(key: "x", value: .null)])),
        .init(choice: .id(7), variables: .list([]), headerMedia: .link("https://a.example/b.png")),
        .init(choice: .id(7), variables: .absent, headerMedia: .stored(4)),
        .init(
            choice: .id(7), variables: .absent,
            headerLocation: GeoLocation(
                latitude: JSONNumber(1), longitude: JSONNumber(2), name: nil, address: "Rua A")),
    ])
    func `a fallback is kept as it was asked for`(_ fallback: SendRequest.TemplateContent) throws {
        let text = fallback.json.serialized()
        #expect(SendRequest.TemplateContent(json: try JSONParser.parse(text)) == fallback)
    }
}
