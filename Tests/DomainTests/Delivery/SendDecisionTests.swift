import JSON
import TestRandom
import Testing

@testable import Domain

@Suite struct SendDecisionTests {
    @Test func `a text inside the window is allowed as it is`() {
        var scene = SendScene()
        scene.wrote(.seconds(60), on: SendScene.cloud)
        let verdict = scene.judge(SendScene.text("Olá"))
        #expect(verdict.isAllowed)
        #expect(verdict.content == .text("Olá"))
        #expect(verdict.text == "Olá")
        #expect(verdict.window?.state == .open)
        #expect(verdict.recipient == Recipient(kind: .phone, value: "+5511987654321"))
    }

    @Test(arguments: [
        (Duration.seconds(86_400) - .microseconds(1), true), (.seconds(86_400), false),
        (.seconds(86_400) + .microseconds(1), false), (.zero, true), (.seconds(-3600), true),
    ])
    func `the window closes at 24 hours to the microsecond`(ago: Duration, isOpen: Bool) {
        var scene = SendScene()
        scene.wrote(ago, on: SendScene.cloud)
        let verdict = scene.judge(SendScene.text())
        #expect(verdict.codes == (isOpen ? [] : ["window_closed"]))
        #expect((verdict.window?.secondsLeft ?? -1) <= 86_400)
    }

    @Test func `a closed window refuses free text and offers the templates of that business account`() {
        let verdict = SendScene().judge(SendScene.text())
        #expect(verdict.codes == ["window_closed"])
        #expect(verdict.templateIDs == [1, 4])
        #expect(verdict.content == nil)
        #expect(verdict.text == nil)
    }

    @Test func `a window is one instance's alone, and a number without the rule needs none`() {
        var scene = SendScene(instances: [SendScene.cloud, SendScene.cloudTwin, SendScene.web])
        scene.wrote(.seconds(5), on: SendScene.cloudTwin)
        #expect(scene.judge(SendScene.text(instance: 1)).codes == ["window_closed"])
        #expect(scene.judge(SendScene.text(instance: 2)).isAllowed)
        #expect(scene.judge(SendScene.text(instance: 4)).isAllowed)
    }

    @Test func `the fallback is sent when the window is closed, and only then`() {
        var scene = SendScene()
        var request = SendScene.text("Olá")
        request.fallback = .init(choice: .id(1), variables: .list([.text("Ana")]))
        let closed = scene.judge(request)
        #expect(closed.isAllowed && closed.usedFallback)
        #expect(closed.text == "Olá Ana, tudo bem?")
        #expect(closed.template?.id == 1)
        request.fallback?.variables = .absent
        let unbound = scene.judge(request)
        #expect(unbound.codes == ["binding_failed"])
        #expect(unbound.faults.first?.binding.map(\.pointer) == ["/fallback/variables/0"])
        request.fallback?.choice = .id(99)
        #expect(scene.judge(request).faults == [SendFault(.templateNotFound, pointer: "/fallback/template_id")])
        scene.wrote(.seconds(5), on: SendScene.cloud)
        let open = scene.judge(request)
        #expect(open.isAllowed && !open.usedFallback)
        #expect(open.template == nil)
    }

    @Test func `a fallback of another business account is refused`() {
        var scene = SendScene(instances: [SendScene.cloud, SendScene.otherBusiness])
        scene.templates = [SendScene.template(2, business: "waba-2")]
        var request = SendScene.text()
        request.fallback = .init(choice: .id(2), variables: .list([.text("Ana")]))
        #expect(scene.judge(request).faults == [SendFault(.templateNotApproved, pointer: "/fallback/template_id")])
    }

    @Test func `a template is bound and named as the provider wants it`() {
        let verdict = SendScene().judge(SendScene.template(.id(1), "Ana"))
        #expect(verdict.text == "Olá Ana, tudo bem?")
        #expect(
            verdict.content
                == .template(
                    .init(
                        name: "lembrete", language: "pt_BR",
                        components: [BoundComponent(place: .body, parameters: [.text("Ana", name: nil)])])))
    }

    @Test func `a mapping fills what a template send leaves out`() {
        let scene = SendScene(mapped: [1: [MappedValue(value: "Ana", source: "lead.first_name")]])
        #expect(scene.judge(SendScene.template(.id(1))).bound?.variables.first?.source == "lead.first_name")
    }

    @Test(arguments: [Template.Status.pending, .rejected, .paused, .disabled])
    func `only an approved template is sent`(status: Template.Status) {
        let scene = SendScene(templates: [SendScene.template(1, status: status)])
        #expect(
            scene.judge(SendScene.template(.id(1), "Ana")).faults == [
                SendFault(.templateNotApproved, pointer: "/template_id")
            ])
    }

    @Test func `a STOP word lets nothing pass but an answer inside the window`() {
        var scene = SendScene(consent: .init(stopped: true))
        #expect(scene.judge(SendScene.text()).codes == ["opted_out", "window_closed"])
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).codes == ["opted_out"])
        scene.wrote(.seconds(5), on: SendScene.cloud)
        #expect(scene.judge(SendScene.text()).isAllowed)
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).codes == ["opted_out"])
    }

    @Test func `a stop of marketing blocks marketing templates alone`() {
        var scene = SendScene(consent: .init(marketingStopped: true))
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).isAllowed)
        scene.templates = [SendScene.template(1, category: "MARKETING")]
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).codes == ["opted_out"])
        scene.wrote(.seconds(5), on: SendScene.cloud)
        #expect(scene.judge(SendScene.text()).isAllowed)
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).codes == ["opted_out"])
    }

    @Test func `the thread's identifier is dialled first, then the phone, then what the provider understands`() {
        let waID = Recipient(kind: .waID, value: "551187654321")
        let lid = Recipient(kind: .lid, value: "123@lid")
        let bsuid = Recipient(kind: .bsuid, value: "BR.abc")
        var scene = SendScene(instances: [SendScene.cloud, SendScene.web], addresses: [lid, bsuid])
        #expect(scene.judge(SendScene.text(instance: 4)).recipient?.kind == .phone)
        scene.phone = nil
        #expect(scene.judge(SendScene.text(instance: 4)).recipient == lid)
        #expect(scene.judge(SendScene.text(instance: 1)).recipient == bsuid)
        scene.wrote(.seconds(5), on: SendScene.cloud, recipient: waID)
        #expect(scene.judge(SendScene.text(instance: 1)).recipient == waID)
        #expect(scene.judge(SendScene.text(instance: 4)).recipient == lid)
        scene.addresses = [bsuid]
        #expect(scene.judge(SendScene.text(instance: 4)).codes == ["lead_without_phone"])
    }

    @Test func `an authentication template does not go to a user id`() {
        var template = SendScene.template(1, category: "AUTHENTICATION")
        template.components = [["type": "BODY", "text": "*{{1}}* is your code."]]
        var scene = SendScene(phone: nil, addresses: [Recipient(kind: .bsuid, value: "BR.abc")], templates: [template])
        #expect(scene.judge(SendScene.template(.id(1), "1234")).codes == ["lead_without_phone"])
        scene.phone = "+5511987654321"
        #expect(scene.judge(SendScene.template(.id(1), "1234")).isAllowed)
    }

    @Test func `an answer needs a message of this thread that the provider has named`() {
        var scene = SendScene(instances: [SendScene.cloud, SendScene.web])
        scene.wrote(.seconds(5), on: SendScene.cloud)
        var request = SendScene.text(instance: 1)
        request.replyTo = 3
        let notFound = [SendFault(.replyNotFound, pointer: "/reply_to")]
        #expect(scene.judge(request).faults == notFound)
        scene.replyTarget = .init(conversationID: 7, instanceID: 1, providerMessageID: "wamid.1")
        #expect(scene.judge(request).replyToProviderMessageID == "wamid.1")
        scene.replyTarget?.conversationID = 8
        #expect(scene.judge(request).faults == notFound)
        scene.replyTarget = .init(conversationID: 7, instanceID: 1, providerMessageID: nil)
        #expect(scene.judge(request).faults == notFound)
        request.instanceID = 4
        #expect(scene.judge(request).faults == notFound)
    }

    @Test func `a send for later is held`() {
        var request = SendScene.template(.id(1), "Ana")
        request.sendAt = SendScene.now + .seconds(1)
        #expect(SendScene().judge(request).held)
        request.sendAt = SendScene.now
        #expect(!SendScene().judge(request).held)
    }

    @Test func `all faults are told at once, in the order of the rules`() {
        var scene = SendScene(
            instances: [SendScene.instance(1, .cloudAPI, business: "waba-1", isPrimary: true, status: .loggedOut)],
            phone: nil, consent: .init(stopped: true), templates: [SendScene.template(1, status: .paused)])
        var request = SendScene.text()
        request.replyTo = 9
        #expect(
            scene.judge(request).codes == [
                "instance_not_connected", "lead_without_phone", "opted_out", "window_closed", "reply_not_found",
            ])
        #expect(
            scene.judge(SendScene.template(.id(1), "", "x")).codes == [
                "instance_not_connected", "lead_without_phone", "opted_out", "template_not_approved", "binding_failed",
            ])
        scene.instances = []
        #expect(
            scene.judge(SendScene.template(.id(1), "")).codes == [
                "no_instance", "lead_without_phone", "opted_out", "template_not_approved", "binding_failed",
            ])
        #expect(
            scene.judge(SendScene.template(.id(8), "", instance: 3)).codes == [
                "instance_not_found", "lead_without_phone", "opted_out", "template_not_found",
            ])
    }

    @Test func `one scene always gives one verdict, and content exactly when nothing is against it`() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<500 {
            let scene = Self.scene(using: &random)
            let request = Self.request(using: &random)
            let verdict = scene.judge(request)
            let again = scene.judge(request)
            #expect(verdict.faults == again.faults)
            #expect(verdict.content == again.content)
            #expect(verdict.instance?.id == again.instance?.id)
            #expect((verdict.content != nil) == verdict.isAllowed)
            #expect(verdict.isAllowed || !verdict.held)
            #expect(!verdict.usedFallback || verdict.window?.isOpen == false)
            if verdict.isAllowed { #expect(verdict.instance != nil && verdict.recipient != nil) }
            let order = verdict.faults.map { SendFault.Code.allCases.firstIndex(of: $0.code) ?? -1 }
            #expect(Set(order).count == order.count)
        }
    }

    private static func scene(using random: inout SeededGenerator) -> SendScene {
        var scene = SendScene()
        scene.instances = [SendScene.cloud, SendScene.cloudTwin, SendScene.otherBusiness, SendScene.web]
            .filter { _ in Bool.random(using: &random) }
        for index in scene.instances.indices {
            scene.instances[index].status = Instance.Status.allCases.randomElement(using: &random) ?? .connected
        }
        for instance in scene.instances where Bool.random(using: &random) {
            scene.wrote(.seconds(Int.random(in: -10...200_000, using: &random)), on: instance)
        }
        if Bool.random(using: &random) { scene.phone = nil }
        scene.consent = .init(stopped: Bool.random(using: &random), marketingStopped: Bool.random(using: &random))
        scene.templates = [
            SendScene.template(1, status: Bool.random(using: &random) ? .approved : .paused),
            SendScene.template(2, business: "waba-2", category: "MARKETING"),
        ]
        return scene
    }

    private static func request(using random: inout SeededGenerator) -> SendRequest {
        let template = SendRequest.TemplateContent(
            choice: Bool.random(using: &random)
                ? .id(Identifier(Int64.random(in: 1...3, using: &random))) : .name("lembrete", language: "pt_BR"),
            variables: Bool.random(using: &random) ? .list([.text("Ana")]) : .absent)
        var request = SendRequest(content: Bool.random(using: &random) ? .text("oi") : .template(template))
        if Bool.random(using: &random) { request.fallback = template }
        if Bool.random(using: &random) { request.instanceID = Identifier(Int64.random(in: 1...5, using: &random)) }
        if Bool.random(using: &random) { request.sendAt = SendScene.now + .seconds(60) }
        return request
    }
}
