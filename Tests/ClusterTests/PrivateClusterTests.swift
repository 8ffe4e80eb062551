import EventLoop
import Foundation
import Testing

@testable import Cluster

@Suite struct PrivateClusterTests {
    @Test func `a folder has one owner at a time, and the next one finds the data`() async throws {
        try await onReactor {
            let workshop = try Workshop()
            let first = try await PrivateCluster.start(workshop.configuration())
            #expect(first.socketDirectory.utf8.count < 100)
            #expect(try await workshop.sql("CREATE TABLE kept AS SELECT 7 AS n", on: first) == "SELECT 1")
            let encoding = "SELECT current_setting('server_encoding'), current_setting('listen_addresses') = ''"
            #expect(try await workshop.sql(encoding, on: first) == "UTF8|t")
            let error = await #expect(throws: ClusterError.self) {
                try await PrivateCluster.start(workshop.configuration())
            }
            #expect(error?.reason == .folderInUse)
            #expect(error?.description.contains(workshop.folder) == true)
            #expect(first.isRunning)
            await first.stop()
            #expect(!first.isRunning)
            #expect(!workshop.exists(first.socketDirectory))

            let second = try await PrivateCluster.start(workshop.configuration())
            #expect(try await workshop.sql("SELECT n FROM kept", on: second) == "7")
            await second.stop()
            await second.stop()
        }
    }

    @Test func `what a killed run left behind does not stop the next: neither its server nor its pid file`()
        async throws
    {
        try await onReactor {
            let workshop = try Workshop()
            let first = try await PrivateCluster.start(workshop.configuration())
            _ = try await workshop.sql("CREATE TABLE kept AS SELECT 7 AS n", on: first)
            await first.stop()

            let leftover = try await workshop.leaveServerBehind()
            let second = try await PrivateCluster.start(workshop.configuration())
            #expect(leftover.server.exit != nil)
            #expect(!workshop.exists(leftover.socket))
            #expect(second.serverPID != leftover.server.pid)
            #expect(try await workshop.sql("SELECT n FROM kept", on: second) == "7")
            await second.stop()

            // The number in the file belongs to somebody else by now, of the same user.
            let identity = try ServerIdentity.current()
            let stranger = try ChildProcess(
                "/bin/sleep", ["60"], environment: [:], directory: "/", identity: identity.change, deathSignal: .kill)
            let data = workshop.folder + "/data/postgres/data"
            let text = "\(stranger.pid)\n\(data)\n1790000000\n5432\n/tmp\n\n  1 1\nready   \n"
            try text.write(toFile: data + "/postmaster.pid", atomically: true, encoding: .utf8)
            try identity.own(data + "/postmaster.pid")
            let third = try await PrivateCluster.start(workshop.configuration())
            #expect(stranger.exit == nil)
            await third.stop()
            stranger.send(.kill)
            _ = await stranger.waitForExit()
        }
    }

    @Test(.enabled(if: isRoot))
    func `below a folder that the server's user cannot enter, the data go elsewhere and are found again`() async throws
    {
        try await onReactor {
            let workshop = try Workshop()
            let closed = workshop.folder + "/closed"
            mkdir(closed, 0o700)
            let first = try await PrivateCluster.start(workshop.configuration("closed/data"))
            _ = try await workshop.sql("CREATE TABLE kept AS SELECT 7 AS n", on: first)
            #expect(first.logFile.hasPrefix(workshop.folder + "/elsewhere/cluster-"))
            await first.stop()
            let second = try await PrivateCluster.start(workshop.configuration("closed/data"))
            #expect(try await workshop.sql("SELECT n FROM kept", on: second) == "7")
            await second.stop()

            // Data that were there once and are gone are an error, never a fresh beginning.
            try FileManager.default.removeItem(atPath: workshop.folder + "/elsewhere")
            let error = await #expect(throws: ClusterError.self) {
                try await PrivateCluster.start(workshop.configuration("closed/data"))
            }
            #expect(error?.reason == .folderUnusable)
        }
    }

    @Test func `an initialisation that was interrupted is begun anew, and the log holds no values`() async throws {
        try await onReactor {
            let workshop = try Workshop()
            let unfinished = workshop.folder + "/data/postgres/data.new"
            try FileManager.default.createDirectory(atPath: unfinished + "/base", withIntermediateDirectories: true)
            try ServerIdentity.current().own(workshop.folder + "/data/postgres")

            let cluster = try await PrivateCluster.start(workshop.configuration())
            _ = try await workshop.sql("CREATE TABLE leads (phone text UNIQUE CHECK (phone <> 'odd'))", on: cluster)
            for phone in ["+5511987654321", "+5511987654321", "odd"] {
                let answer = try await workshop.sql("INSERT INTO leads VALUES ('\(phone)')", on: cluster)
                #expect(!answer.isEmpty)
            }
            #expect(try await workshop.sql("SELECT '+5511987654321'::int", on: cluster).contains("ERROR"))
            await cluster.stop()
            let log = try String(contentsOfFile: cluster.logFile, encoding: .utf8)
            #expect(log.contains("ready to accept connections"))
            #expect(!log.contains("5511987654321"))
            #expect(!log.contains("INSERT"))
        }
    }

    @Test func `a server that cannot start says why, and a cluster for tests takes its folder with it`() async throws {
        try await onReactor {
            let workshop = try Workshop()
            var configuration = workshop.configuration()
            configuration.purpose = .test
            configuration.settings["wal_level"] = "nonsense"
            let error = await #expect(throws: ClusterError.self) { try await PrivateCluster.start(configuration) }
            #expect(error?.reason == .startFailed)
            #expect(error?.description.contains("wal_level") == true)

            configuration.settings["wal_level"] = nil
            let cluster = try await PrivateCluster.start(configuration)
            #expect(try await workshop.sql("SHOW synchronous_commit", on: cluster) == "off")
            await cluster.stop()
            #expect(!workshop.exists(configuration.dataDirectory))
        }
    }
}

extension Workshop {
    /// Starts a server as a run does that is then killed: nobody holds the lock, the server lives.
    fileprivate func leaveServerBehind() async throws -> (server: ChildProcess, socket: String) {
        let identity = try ServerIdentity.current()
        let configuration = configuration()
        let folder = try DataFolder.open(
            configuration.dataDirectory, identity: identity, elsewhere: configuration.fallbackDirectory)
        let launcher = Launcher(
            binaries: try ServerBinaries.find(major: folder.major, environment: [:]), identity: identity,
            folder: folder, configuration: configuration)
        let socket = try SocketFolder.make(for: identity)
        socket.record(in: folder.socketNote)
        let server = try launcher.startServer(socket)
        try await launcher.waitUntilReady(server)
        return (server, socket.path)
    }
}
