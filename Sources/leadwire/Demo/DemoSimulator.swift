import Delivery
import Domain
import Simulator

/// The simulated providers as the demo needs them.
enum DemoSimulator {
    static func configuration(_ channels: DemoChannels) -> SimulatorConfiguration {
        var phones: [SimulatedPhone] = channels.numbers.map { number in
            .cloudAPI(
                CloudAPINumber(
                    phoneNumberID: number.phoneNumberID, businessAccountID: number.businessAccountID,
                    displayPhoneNumber: number.phone, token: number.token, appSecret: channels.cloudHook.key,
                    verifyToken: channels.cloudHook.verifyToken))
        }
        phones.append(
            .waha(
                WAHASession(
                    name: channels.session.name, phone: channels.session.phone, apiKey: channels.session.apiKey,
                    hmacKey: channels.wahaHook.key)))
        let official = DemoTemplates.all.map { template(of: channels.official, $0) }
        let other = DemoTemplates.other.map { template(of: channels.other, $0) }
        return SimulatorConfiguration(phones: phones, templates: official + other)
    }

    private static func template(of number: DemoChannels.Number, _ template: DemoTemplate) -> SimulatedTemplate {
        SimulatedTemplate(
            businessAccountID: number.businessAccountID, id: template.providerID, name: template.name,
            language: template.language, category: template.category, status: template.status.rawValue,
            parameterFormat: template.format.rawValue.uppercased(), components: template.components,
            qualityScore: template.quality)
    }
}
