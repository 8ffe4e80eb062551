import EventLoop

/// `leadwire worker`: one of the processes of `leadwire serve --workers N`, started by its supervisor alone.
enum WorkerCommand {
    @Reactor
    static func run(_ words: [String]) async throws {
        try Arguments(words, known: []).refusePositional()
        let channel = try WorkerChannel.ofThisProcess()
        let handOver = try channel.receive()
        var settings = try Settings(serves: true)
        settings.dataDirectory = handOver.dataDirectory
        settings.limits.fitDescriptors()
        let secrets = try SecretFile.secrets(settings)
        let access = try await DatabaseAccess.joining(handOver.databaseURL, settings)
        do {
            let application = Application(
                access.database, secrets: secrets, tls: try settings.tls?.load(), tickets: handOver.tickets,
                outgoing: settings.outgoing, links: settings.links, limits: settings.limits)
            try application.start(sharing: WorkerChannel.listener)
            channel.sayReady()
            try await application.serveUntilAskedToEnd(settings)
        } catch {
            await access.close()
            throw error
        }
        await access.close()
    }
}
