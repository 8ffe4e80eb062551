import Delivery
import Domain
import EventLoop
import Foundation
import Simulator

/// `leadwire demo`: a private PostgreSQL, the simulated providers and the API, ready to be tried; Ctrl-C ends all of it.
enum DemoCommand {
    @Reactor
    static func run(_ words: [String]) async throws {
        let arguments = try Arguments(words, known: ["port", "data-dir"])
        try arguments.refusePositional()
        let port = UInt16(try arguments.integer("port", in: 0...65535) ?? 8080)
        var settings = try Settings()
        settings.databaseURL = nil
        settings.secretKey = nil
        if let folder = arguments["data-dir"] { settings.dataDirectory = folder }
        try Folder.make(settings.dataDirectory)

        Console.line("Starting PostgreSQL in \(settings.dataDirectory) …")
        let access = try await DatabaseAccess.owning(settings)
        do {
            try await run(settings, port, access)
        } catch {
            await access.close()
            throw error
        }
        await access.close()
        Console.line("Stopped.")
    }

    @Reactor
    private static func run(_ settings: Settings, _ port: UInt16, _ access: DatabaseAccess) async throws {
        let secret = try SecretFile.text(in: settings.dataDirectory)
        let secrets = try SecretFile.secrets(settings)
        let channels = DemoChannels(secret: secret)
        let simulator = Simulator(DemoSimulator.configuration(channels))
        let simulatorPort = try await start(simulator, nextTo: port)
        let simulatorURL = "http://127.0.0.1:\(simulatorPort)"
        let application = Application(access.database, secrets: secrets)
        do {
            let seed = DemoSeed(
                database: access.database, secrets: secrets, channels: channels, simulatorURL: simulatorURL)
            let (demo, other) = try await seed.plant()
            let file = settings.dataDirectory + "/demo.env"
            let keys = try await DemoKeys.ensure(in: file, demo: demo, other: other, database: access.database)
            let bound = try application.start(host: "127.0.0.1", port: port)
            let url = "http://127.0.0.1:\(bound)"
            for number in channels.numbers {
                simulator.setWebhookURL("\(url)/hooks/cloud-api/\(channels.cloudHookToken)", of: number.phoneNumberID)
            }
            simulator.setWebhookURL("\(url)/hooks/waha/\(channels.wahaHookToken)", of: channels.session.name)
            try PrivateFile.write(
                """
                LEADWIRE_URL=\(url)
                LEADWIRE_API_KEY=\(keys.full.text)
                LEADWIRE_READ_KEY=\(keys.read.text)
                LEADWIRE_OTHER_KEY=\(keys.other.text)
                LEADWIRE_SIMULATOR_URL=\(simulatorURL)

                """, to: file)
            Console.line(DemoGreeting.text(url: url, key: keys.full.text, simulatorURL: simulatorURL, file: file))
            try await Termination.requested(atHangUp: true)
            Console.line("Stopping …")
        } catch {
            await application.stop()
            await simulator.stop()
            throw error
        }
        await application.stop()
        await simulator.stop()
    }

    /// The port beside the API's, so that it is the same in every run; another if that is taken.
    @Reactor
    private static func start(_ simulator: Simulator, nextTo port: UInt16) async throws -> UInt16 {
        let preferred = port == 0 || port == .max ? 0 : port + 1
        do {
            return try await simulator.start(host: "127.0.0.1", port: preferred)
        } catch let error as SystemError where error.isAddressInUse {
            return try await simulator.start(host: "127.0.0.1", port: 0)
        }
    }
}

/// What the demo prints when it is ready.
enum DemoGreeting {
    static func text(url: String, key: String, simulatorURL: String, file: String) -> String {
        """

        Leadwire is ready on \(url)
        Key (all permissions): \(key)

        The numbers and the approved templates:

          curl -s \(url)/api/v1/whatsapp/instances -H 'X-API-Key: \(key)'
          curl -s '\(url)/api/v1/whatsapp/templates?status=APPROVED' -H 'X-API-Key: \(key)'

        A template to lead 1, and what arrived on the phone:

          curl -s -X POST \(url)/api/v1/leads/1/send-whatsapp-template \\
            -H 'X-API-Key: \(key)' -H 'Content-Type: application/json' \\
            -d '{"template_id": 1, "variables": ["Ana", "proposta", "10/07"]}'
          curl -s '\(simulatorURL)/_simulator/messages?to=%2B5511987651001'

        The keys and addresses are also in \(file). Ctrl-C ends everything.
        """
    }
}
