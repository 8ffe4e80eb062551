import EventLoop

/// Runs `body` so many times at once, all on the loop, and gives the results in order.
@Reactor
func together<Result: Sendable>(
    _ count: Int, _ body: @escaping @Reactor @Sendable (Int) async throws -> Result
) async throws -> [Result] {
    let tasks = (0..<count).map { index in
        spawn { () -> Swift.Result<Result, any Error> in
            do { return .success(try await body(index)) } catch { return .failure(error) }
        }
    }
    var results: [Result] = []
    for task in tasks { results.append(try await task.value.get()) }
    return results
}
