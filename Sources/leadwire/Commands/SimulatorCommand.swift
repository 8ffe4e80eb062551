import Delivery
import EventLoop
import Simulator

/// `leadwire simulator`: the demo's phones at simulated providers, for a server of one's own.
enum SimulatorCommand {
    @Reactor
    static func run(_ words: [String]) async throws {
        let arguments = try Arguments(words, known: ["port", "cloud-webhook", "waha-webhook"])
        try arguments.refusePositional()
        let port = UInt16(try arguments.integer("port", in: 0...65535) ?? 8081)
        // Fixed words: a simulator holds nothing worth keeping from anybody.
        let channels = DemoChannels(secret: "simulator")
        let simulator = Simulator(DemoSimulator.configuration(channels))
        if let url = arguments["cloud-webhook"] {
            for number in channels.numbers { simulator.setWebhookURL(url, of: number.phoneNumberID) }
        }
        simulator.setWebhookURL(arguments["waha-webhook"], of: channels.session.name)
        let bound = try await simulator.start(host: "127.0.0.1", port: port)
        Console.line("simulator: http://127.0.0.1:\(bound)")
        for number in channels.numbers {
            Console.line(
                "  cloud_api \(number.phone): phone number id \(number.phoneNumberID), business account "
                    + "\(number.businessAccountID), token \(number.token), app secret \(channels.cloudHook.key)")
        }
        Console.line(
            "  waha \(channels.session.phone): session \(channels.session.name), key \(channels.session.apiKey), "
                + "hmac key \(channels.wahaHook.key)")
        try await Termination.requested(atHangUp: true)
        await simulator.stop()
    }
}
