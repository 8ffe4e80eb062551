import Cluster
import EventLoop
import Postgres
import Storage

/// `leadwire migrate`
enum MigrateCommand {
    @Reactor
    static func run(_ words: [String]) async throws {
        let arguments = try Arguments(words, known: ["data-dir"])
        try arguments.refusePositional()
        var settings = try Settings()
        if let folder = arguments["data-dir"] { settings.dataDirectory = folder }
        guard let url = settings.databaseURL else {
            // On a private cluster every opening migrates.
            try Folder.make(settings.dataDirectory)
            await (try DatabaseAccess.sharing(settings)).close()
            return Console.line("up to date")
        }
        let applied = try await Migrator.migrate(
            settings.database(at: url), migrations: Schema.migrations)
        Console.line(applied.isEmpty ? "up to date" : "applied " + applied.joined(separator: ", "))
    }
}
