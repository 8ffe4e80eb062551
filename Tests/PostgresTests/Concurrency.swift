import EventLoop
import Foundation
import TestSupport
import Testing

@testable import Postgres

/// Starts `body` for every input within one turn of the loop and collects what came of each.
@Reactor
func together<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], _ body: @escaping @Reactor @Sendable (Input) async throws -> Output
) async -> [Result<Output, any Error>] {
    let tasks = inputs.map { input in
        spawn { () -> Result<Output, any Error> in
            do {
                return .success(try await body(input))
            } catch {
                return .failure(error)
            }
        }
    }
    var outcomes: [Result<Output, any Error>] = []
    for task in tasks { outcomes.append(await task.value) }
    return outcomes
}

/// Lends a further pool on the schema of `pool`, differently configured.
@Reactor
func withPool<T>(
    like pool: PostgresPool, _ change: (inout PostgresConfiguration) -> Void,
    _ body: @Reactor (PostgresPool) async throws -> T
) async throws -> T {
    var configuration = pool.configuration
    change(&configuration)
    let other = PostgresPool(configuration)
    try await other.start()
    do {
        let result = try await body(other)
        await other.stop()
        return result
    } catch {
        await other.stop()
        throw error
    }
}

/// Waits, a few milliseconds at a time, until it holds; half a minute is the limit.
@Reactor
func until(
    location: SourceLocation = #_sourceLocation, _ holds: @Reactor () async throws -> Bool
) async throws {
    let deadline = MonotonicTime.now + .seconds(30)
    while try await !holds() {
        guard MonotonicTime.now < deadline else {
            Issue.record("not in time", sourceLocation: location)
            return
        }
        await pause(.milliseconds(2))
    }
}

/// Resident memory, in bytes.
func residentMemory() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return (text.count > 1 ? Int(text[1]) ?? 0 : 0) * 4096
}
