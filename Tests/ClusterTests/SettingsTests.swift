import Foundation
import Testing

@testable import Cluster

@Suite struct SettingsTests {
    @Test func `a machine without PostgreSQL is told what to install`() throws {
        let error = #expect(throws: ClusterError.self) {
            try ServerBinaries.find(major: nil, environment: ["PATH": "/nowhere"], versions: "/nowhere")
        }
        #expect(error?.description.contains("apt-get install postgresql") == true)
        let wrong = #expect(throws: ClusterError.self) {
            try ServerBinaries.find(major: nil, environment: ["LEADWIRE_PG_BIN": "/nowhere"])
        }
        #expect(wrong?.description.contains("/nowhere") == true)
    }

    @Test func `the version that made the data is chosen, else the newest`() throws {
        let root = try Workspace()
        for version in ["9", "14", "15"] {
            for program in ["postgres", "initdb"] { try root.addProgram("\(version)/bin/\(program)") }
        }
        try root.addProgram("17/bin/postgres")
        let find = { (major: Int?) throws(ClusterError) in
            try ServerBinaries.find(major: major, environment: [:], versions: root.path).folder
        }
        #expect(try find(nil) == root.path + "/15/bin")
        #expect(try find(14) == root.path + "/14/bin")
        let error = #expect(throws: ClusterError.self) { try find(16) }
        #expect(error?.description.contains("postgresql-16") == true)
    }

    @Test func `no setting lets a value into the log, and only tests give up durability`() {
        let durable = PrivateCluster.Configuration(dataDirectory: "/x").serverSettings(socketFolder: "/s")
        #expect(durable["log_min_error_statement"] == "panic")
        #expect(durable["log_error_verbosity"] == "terse")
        #expect(durable["listen_addresses"] == "")
        #expect(durable["fsync"] == nil)
        var test = PrivateCluster.Configuration(dataDirectory: "/x", purpose: .test)
        test.settings["jit"] = "on"
        #expect(test.serverSettings(socketFolder: "/s")["fsync"] == "off")
        #expect(test.serverSettings(socketFolder: "/s")["jit"] == "on")
    }
}

/// A folder of stand-ins for programs.
private final class Workspace {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "/leadwire-programs-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func addProgram(_ name: String) throws {
        let file = path + "/" + name
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        _ = FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o755])
    }
}
