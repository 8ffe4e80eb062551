import EventLoop
import Foundation
import Telemetry

/// `leadwire serve`
enum ServeCommand {
    @Reactor
    static func run(_ words: [String]) async throws {
        let arguments = try Arguments(words, known: ["host", "port", "data-dir", "workers"])
        try arguments.refusePositional()
        var settings = try Settings(serves: true)
        if let host = arguments["host"] { settings.host = host }
        if let port = try arguments.integer("port", in: 0...65535) { settings.port = UInt16(port) }
        if let folder = arguments["data-dir"] { settings.dataDirectory = folder }
        if let workers = try arguments.integer("workers", in: Settings.workersRange) { settings.workers = Int(workers) }
        settings.limits.fitDescriptors()
        if settings.databaseURL == nil { try Folder.make(settings.dataDirectory) }
        let tls = try settings.tls?.load()
        let secrets = try SecretFile.secrets(settings)
        guard settings.workers == 1 else { return try await Supervisor.run(settings) }
        let access = try await DatabaseAccess.serving(settings)
        do {
            let application = Application(
                access.database, secrets: secrets, tls: tls, outgoing: settings.outgoing, links: settings.links,
                limits: settings.limits)
            _ = try application.start(host: settings.host, port: settings.port)
            try await application.serveUntilAskedToEnd(settings)
        } catch {
            await access.close()
            throw error
        }
        await access.close()
    }
}

extension Application {
    /// Answers until the process is asked to end, then lets what is under way come to its end.
    func serveUntilAskedToEnd(_ settings: Settings) async throws {
        try await Termination.requested(atHangUp: false) { [files = settings.tls] in
            guard let files else { return }
            spawn { await files.reload(into: self) }
        }
        await stop()
    }
}

/// The data folder.
enum Folder {
    static func make(_ path: String) throws {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw CommandError("cannot make the data folder \(path): choose one that can be written")
        }
    }
}
