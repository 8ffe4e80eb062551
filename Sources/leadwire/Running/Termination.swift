import EventLoop
import Foundation

/// Waits for the process to be asked to end.
@Reactor
enum Termination {
    /// Returns at SIGINT or SIGTERM; a second one ends the process at once, its children with it.
    ///
    /// - Parameters:
    ///   - atHangUp: whether a closed terminal ends it too, as it should what runs in the foreground.
    ///   - reload: what SIGHUP asks for where it does not end the process.
    static func requested(atHangUp: Bool, reload: (@Reactor () -> Void)? = nil) async throws {
        let state = State()
        state.source = try SignalSource { signal in
            guard signal != .hangUp || atHangUp else {
                reload?()
                return
            }
            guard !state.isRequested else { exitNow() }
            state.isRequested = true
            state.continuation?.resume()
            state.continuation = nil
        }
        await withCheckedContinuation { continuation in
            if state.isRequested { continuation.resume() } else { state.continuation = continuation }
        }
    }

    @Reactor
    private final class State {
        var source: SignalSource?
        var isRequested = false
        var continuation: CheckedContinuation<Void, Never>?
    }
}

private func exitNow() -> Never { exit(130) }
