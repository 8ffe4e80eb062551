import Testing

@testable import Cluster

@Suite struct PostmasterTests {
    @Test func `the status line of postmaster.pid tells when the server is ready`() throws {
        let lines = "4711\n/data\n1790000000\n5432\n/tmp/leadwire-abc\n\n  12345 67\n"
        let starting = try #require(Postmaster(pidFile: lines + "starting\n"))
        #expect(starting.pid == 4711)
        #expect(!starting.isReady)
        #expect(Postmaster(pidFile: lines + "ready   \n")?.isReady == true)
        #expect(Postmaster(pidFile: "4711\n/data\n")?.isReady == false)
        #expect(Postmaster(pidFile: "") == nil)
    }
}
