import Cluster
import Crypto
import EventLoop
import Foundation
import Postgres
import Storage
import Telemetry

/// `leadwire serve --workers N`: opens the one socket, looks after the private PostgreSQL if there is one, and keeps N
/// workers alive. Workers know nothing of each other; what they share is the database.
@Reactor
final class Supervisor {
    /// What a worker needs besides the time it gives its requests and attempts: to let go of the database.
    private static let patience = Duration.seconds(15)

    private let settings: Settings
    private let listener: Int32
    private let databaseURL: String
    private let tickets = TicketRotation()
    private var workers: [Int: Worker] = [:]
    private var policies: [Int: RestartPolicy] = [:]
    private var isStopping = false
    private var isUp = false
    private var starting: CheckedContinuation<Void, any Error>?
    private var stopped: CheckedContinuation<Void, Never>?

    static func run(_ settings: Settings) async throws {
        let listener = try listen(settings)
        let cluster = settings.databaseURL == nil ? try await DatabaseAccess.startCluster(settings) : nil
        do {
            if let cluster {
                _ = try await Migrator.migrate(
                    PostgresConfiguration(connectionString: cluster.connectionString), migrations: Schema.migrations)
            }
            let url = cluster?.connectionString ?? settings.databaseURL ?? ""
            let supervisor = Supervisor(settings, listener: listener, databaseURL: url)
            do {
                try await supervisor.start()
                try await Termination.requested(atHangUp: false) { supervisor.send(.hangUp) }
            } catch {
                await supervisor.stop()
                throw error
            }
            await supervisor.stop()
        } catch {
            await cluster?.stop()
            throw error
        }
        await cluster?.stop()
    }

    private static func listen(_ settings: Settings) throws -> Int32 {
        guard let address = SocketAddress(ip: settings.host, port: settings.port) else {
            throw CommandError("cannot listen on \(settings.host): it is no numeric address")
        }
        return try ListeningFault.told(settings.host, settings.port) { () throws(SystemError) in
            try Socket.listen(on: address)
        }
    }

    private init(_ settings: Settings, listener: Int32, databaseURL: String) {
        self.settings = settings
        self.listener = listener
        self.databaseURL = databaseURL
    }

    /// Returns once a worker answers. The first is waited for: what it cannot do, the others cannot either.
    private func start() async throws {
        try await withCheckedThrowingContinuation { continuation in
            starting = continuation
            launch(0)
        }
        isUp = true
        for place in 1..<settings.workers { launch(place) }
        Log.shared.info(
            "server.started",
            [
                "host": .string(settings.host), "port": .int(Int64(Socket.localAddress(listener)?.port ?? 0)),
                "workers": .int(Int64(settings.workers)),
            ])
    }

    private func send(_ signal: ProcessSignal) {
        for worker in workers.values { worker.send(signal) }
    }

    /// Has every worker end what it is about; nothing more is let in.
    private func stop() async {
        isStopping = true
        Socket.close(listener)
        tickets.stop()
        guard !workers.isEmpty else { return }
        send(.terminate)
        let impatience = EventLoop.shared.schedule(after: settings.limits.drainTime + Self.patience) {
            self.send(.kill)
        }
        await withCheckedContinuation { stopped = $0 }
        impatience.cancel()
    }

    private func launch(_ place: Int) {
        guard !isStopping else { return }
        let handOver = WorkerHandOver(
            databaseURL: databaseURL, dataDirectory: settings.dataDirectory, tickets: tickets.keys)
        do {
            let worker = try Worker(handOver, listener: listener) { [weak self] in self?.isReady(place) }
            workers[place] = worker
            spawn { self.ended(await worker.ended(), place, worker) }
        } catch {
            Log.shared.error("worker.start_failed", ["reason": .string("\(error)")])
            guard isUp else { return fail() }
            launchLater(place, afterLife: .zero)
        }
    }

    private func isReady(_ place: Int) {
        guard let worker = workers[place] else { return }
        Log.shared.info("worker.ready", ["worker": .int(Int64(place)), "pid": .int(Int64(worker.pid))])
        starting?.resume()
        starting = nil
    }

    private func ended(_ exit: ChildProcess.Exit, _ place: Int, _ worker: Worker) {
        workers[place] = nil
        guard !isStopping else {
            guard workers.isEmpty else { return }
            stopped?.resume()
            stopped = nil
            return
        }
        Log.shared.error(
            "worker.ended",
            ["worker": .int(Int64(place)), "pid": .int(Int64(worker.pid)), "exit": .string(Self.words(exit))])
        guard isUp else { return fail() }
        launchLater(place, afterLife: .now - worker.started)
    }

    /// It has said itself why.
    private func fail() {
        starting?.resume(throwing: CommandError("a worker could not start"))
        starting = nil
    }

    private func launchLater(_ place: Int, afterLife life: Duration) {
        let delay = policies[place, default: RestartPolicy()].delay(afterLife: life)
        EventLoop.shared.schedule(after: delay) { self.launch(place) }
    }

    private static func words(_ exit: ChildProcess.Exit) -> String {
        switch exit {
        case .status(let status): "status \(status)"
        case .signal(let signal): "signal \(signal)"
        }
    }
}
