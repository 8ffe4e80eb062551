import EventLoop
import HTTP

/// `HTTP/Client` with so many requests at once, each of which is followed by the next.
@Reactor
struct ClientLoad {
    let client: HTTPClient
    var concurrency = 64
    let seconds: Int

    /// The requests that were answered, every one of them with success.
    func run(_ request: HTTPClientRequest) async throws -> Int {
        let end = MonotonicTime.now + .seconds(seconds)
        let tasks = (0..<concurrency).map { _ in
            spawn { () -> Result<Int, HTTPClientError> in
                var count = 0
                while MonotonicTime.now < end {
                    do throws(HTTPClientError) {
                        guard try await client.send(request).status == .ok else { return .success(0) }
                    } catch {
                        return .failure(error)
                    }
                    count += 1
                }
                return .success(count)
            }
        }
        var total = 0
        for task in tasks {
            let count = try await task.value.get()
            guard count > 0 else { throw BenchError("a request was answered otherwise than with 200") }
            total += count
        }
        return total
    }
}
