import EventLoop
import Foundation
import Testing

@testable import Cluster

private let ownedFolder = ProcessInfo.processInfo.environment["LEADWIRE_TEST_OWNED_FOLDER"]

@Suite struct OwnerDeathTests {
    @Test(.enabled(if: ownedFolder == nil))
    func `a server dies with its owner, even when that is killed, and the next run goes on`() async throws {
        try await onReactor {
            let workshop = try Workshop()
            var environment = ProcessInfo.processInfo.environment
            environment["LEADWIRE_TEST_OWNED_FOLDER"] = workshop.folder
            let owner = try ChildProcess(
                "/proc/self/exe", ["--testing-library", "swift-testing", "--filter", "OwnerDeathTests"],
                environment: environment, deathSignal: .kill)
            let note = workshop.folder + "/pid"
            while owner.exit == nil, !workshop.exists(note) { await pause(.milliseconds(10)) }
            try #require(owner.exit == nil)
            let server = try #require(Int32(String(contentsOfFile: note, encoding: .utf8)))
            let data = workshop.folder + "/data/postgres/data"
            #expect(Postmaster.residents(of: data).contains(server))
            owner.send(.kill)
            #expect(await owner.waitForExit() == .signal(SIGKILL))

            let next = try await PrivateCluster.start(workshop.configuration())
            #expect(!Postmaster.residents(of: data).contains(server))
            #expect(next.serverPID != server)
            await next.stop()
        }
    }

    /// Run by the test above in a process of its own.
    @Test(.enabled(if: ownedFolder != nil))
    func `the owner of a cluster until it is killed`() async throws {
        let folder = try #require(ownedFolder)
        try await onReactor {
            var configuration = PrivateCluster.Configuration(dataDirectory: folder + "/data")
            configuration.settings["fsync"] = "off"
            let cluster = try await PrivateCluster.start(configuration)
            try "\(cluster.serverPID)".write(toFile: folder + "/pid", atomically: true, encoding: .utf8)
            while true { await pause(.seconds(60)) }
        }
    }
}
