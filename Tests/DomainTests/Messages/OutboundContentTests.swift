import JSON
import Testing

@testable import Domain

@Suite struct OutboundContentTests {
    static let contents: [OutboundContent] = [
        .text(""), .text("Olá \"você\"\n😀"),
        .template(.init(name: "a", language: "pt_BR", components: [])),
        .template(
            .init(
                name: "tudo", language: "en",
                components: [
                    BoundComponent(place: .header, parameters: [.media(kind: "image", .id("9"))]),
                    BoundComponent(place: .header, parameters: [.media(kind: "document", .link("https://a/b"))]),
                    BoundComponent(place: .body, parameters: [.text("x", name: nil), .text("y", name: "nome")]),
                    BoundComponent(place: .button(index: 0, subType: "url"), parameters: [.text("s", name: nil)]),
                    BoundComponent(place: .button(index: 2, subType: "copy_code"), parameters: [.couponCode("OFF")]),
                    BoundComponent(place: .button(index: 9, subType: "quick_reply"), parameters: [.payload("p")]),
                ])),
    ]

    @Test(arguments: contents)
    func `what is kept reads back the same`(content: OutboundContent) throws {
        #expect(OutboundContent(json: content.json) == content)
        let bytes = content.json.serialized()
        #expect(OutboundContent(json: try JSONParser.parse(bytes)) == content)
    }

    @Test func `the kept form is short and stays as it is, because rows outlive releases`() {
        #expect(String(decoding: OutboundContent.text("oi").json.serialized(), as: UTF8.self) == #"{"t":"oi"}"#)
        let template = OutboundContent.template(
            .init(
                name: "n", language: "pt_BR",
                components: [
                    BoundComponent(place: .body, parameters: [.text("Ana", name: nil)]),
                    BoundComponent(place: .button(index: 1, subType: "url"), parameters: [.text("x", name: nil)]),
                ]))
        #expect(
            String(decoding: template.json.serialized(), as: UTF8.self)
                == #"{"n":"n","l":"pt_BR","c":[{"p":"b","v":[{"t":"Ana"}]},{"p":1,"s":"url","v":[{"t":"x"}]}]}"#)
    }

    @Test(arguments: [
        JSONValue.null, [], [:], "t", ["t": 1], ["n": "a", "l": "b"], ["n": "a", "l": "b", "c": [5]],
        ["n": "a", "l": "b", "c": [["p": "x", "v": []]]], ["n": "a", "l": "b", "c": [["p": "b", "v": [["z": "q"]]]]],
        ["n": "a", "l": "b", "c": [["p": 1, "v": []]]],
    ])
    func `what was never kept is not read`(json: JSONValue) {
        #expect(OutboundContent(json: json) == nil)
    }
}
