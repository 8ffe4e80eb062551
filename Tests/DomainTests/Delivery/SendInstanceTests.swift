import Testing

@testable import Domain

@Suite struct SendInstanceTests {
    @Test
    func `a text goes by the given instance, else the latest thread's, else the primary, else the only connected one`()
    {
        var scene = SendScene(instances: [SendScene.cloud, SendScene.web])
        #expect(scene.judge(SendScene.text(instance: 4)).instance?.id == 4)
        #expect(scene.judge(SendScene.text()).instance?.id == 1)
        scene.wrote(.seconds(60), on: SendScene.web)
        scene.wrote(.seconds(90), on: SendScene.cloud)
        #expect(scene.judge(SendScene.text()).instance?.id == 4)
        let off = SendScene.instance(5, .waha, status: .disconnected)
        #expect(SendScene(instances: [off, SendScene.web]).judge(SendScene.text()).instance?.id == 4)
        let two = SendScene(instances: [SendScene.cloudTwin, SendScene.web]).judge(SendScene.text())
        #expect(two.codes == ["no_instance"])
        #expect(SendScene(instances: []).judge(SendScene.text()).codes == ["no_instance"])
    }

    @Test func `an instance that the key does not see is not found, and a thread on it does not count`() {
        var scene = SendScene(instances: [SendScene.web])
        scene.wrote(.seconds(5), on: SendScene.cloud)
        let verdict = scene.judge(SendScene.text(instance: 1))
        #expect(verdict.faults == [SendFault(.instanceNotFound, pointer: "/instance_id")])
        #expect(scene.judge(SendScene.text()).instance?.id == 4)
    }

    @Test(arguments: Instance.Status.allCases)
    func `a stopped instance refuses, one that is expected back holds`(status: Instance.Status) {
        var scene = SendScene(instances: [SendScene.instance(1, .waha, isPrimary: true, status: status)])
        scene.wrote(.seconds(5), on: SendScene.cloud)
        let verdict = scene.judge(SendScene.text())
        switch status {
        case .connected:
            #expect(verdict.isAllowed && !verdict.held)
        case .connecting, .disconnected:
            #expect(verdict.isAllowed && verdict.held)
        case .notConnected, .loggedOut, .disabled, .authFailed:
            #expect(verdict.codes == ["instance_not_connected"])
        }
    }

    @Test func `a template goes by an instance of its business account`() {
        var scene = SendScene(instances: [SendScene.web, SendScene.cloud, SendScene.cloudTwin])
        scene.wrote(.seconds(5), on: SendScene.web)
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).codes == ["no_instance"])
        scene.templates = [SendScene.template(1, instance: 2)]
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).instance?.id == 2)
        scene.wrote(.seconds(9000), on: SendScene.cloud)
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).instance?.id == 1)
        #expect(scene.judge(SendScene.template(.id(1), "Ana", instance: 2)).instance?.id == 2)
        scene.instances = [SendScene.web, SendScene.cloudTwin]
        scene.templates = [SendScene.template(1)]
        #expect(scene.judge(SendScene.template(.id(1), "Ana")).instance?.id == 2)
    }

    @Test func `a template on a number that has none, or of another business account, is refused`() {
        let scene = SendScene(instances: [SendScene.cloud, SendScene.otherBusiness, SendScene.web])
        #expect(
            scene.judge(SendScene.template(.id(1), "Ana", instance: 4)).faults == [
                SendFault(.templatesNotSupported, pointer: "/template_id")
            ])
        #expect(
            scene.judge(SendScene.template(.id(1), "Ana", instance: 3)).faults == [
                SendFault(.templateNotApproved, pointer: "/template_id")
            ])
    }

    @Test func `a name in several business accounts means the given or latest instance's template`() {
        var scene = SendScene(instances: [SendScene.cloud, SendScene.otherBusiness])
        scene.templates = [
            SendScene.template(1), SendScene.template(2, business: "waba-2"), SendScene.template(3, language: "en"),
        ]
        let choice = SendRequest.TemplateChoice.name("lembrete", language: "pt_BR")
        #expect(scene.judge(SendScene.template(choice, "Ana")).template?.id == 1)
        #expect(scene.judge(SendScene.template(choice, "Ana", instance: 3)).template?.id == 2)
        scene.wrote(.seconds(5), on: SendScene.otherBusiness)
        #expect(scene.judge(SendScene.template(choice, "Ana")).template?.id == 2)
        #expect(scene.judge(SendScene.template(.name("lembrete", language: "en"), "Ana")).template?.id == 3)
        let missing = scene.judge(SendScene.template(.name("lembrete", language: "es"), "Ana"))
        #expect(missing.faults == [SendFault(.templateNotFound, pointer: "/template")])
    }
}
