import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import Storage

/// The same work on FastAPI, asyncpg and uvicorn with two workers: Tests/Benchmarks/app.py.
@Reactor
struct PythonPeer {
    let program: Program
    let port: UInt16

    /// Its parts come from PyPI once, into the build folder.
    static func start(in workshop: Workshop, _ database: Database, connections: Int) async throws -> PythonPeer {
        let folder = try Workshop.buildFolder("bench-python")
        let python = "\(folder)/bin/python"
        if !FileManager.default.isExecutableFile(atPath: "\(folder)/bin/uvicorn") {
            Console.progress("fetching the peer's parts")
            _ = try await Program.run(
                try Workshop.tool("python3", package: "python3-venv"), ["-m", "venv", folder],
                log: workshop.path("venv.log"))
            _ = try await Program.run(
                python, ["-m", "pip", "install", "-q", "-r", try Workshop.source("requirements.txt")],
                log: workshop.path("pip.log"))
        }
        let port = try Workshop.freePort()
        let statements = workshop.path("statements.json")
        let texts = JSONValue.object(JSONObject(StatementCatalog.all.map { ($0.name, .string($0.sql)) }))
        try Data(texts.serialized()).write(to: URL(fileURLWithPath: statements))
        let program = try Program(
            python,
            [
                "-m", "uvicorn", "app:app", "--app-dir", try Workshop.source(""), "--port", "\(port)", "--workers", "2",
                "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
            ],
            environment: [
                "BENCH_DATABASE": try database.connectionURL, "BENCH_STATEMENTS": statements,
                "BENCH_POOL": "\(max(1, connections / 2))", "PYTHONDONTWRITEBYTECODE": "1",
            ], log: workshop.path("peer.log"))
        try await program.answers(URLs.plain(port, "/ping"))
        return PythonPeer(program: program, port: port)
    }

    func url(_ path: String) -> HTTPURL { URLs.plain(port, path) }
}
